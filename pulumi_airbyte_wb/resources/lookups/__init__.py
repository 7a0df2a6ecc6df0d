"""Finding things by name when the program runs, so that one program serves every environment.

Every function comes twice: ``get_source`` takes plain values and answers at once, ``get_source_output`` takes Outputs
too and answers an Output. In unit tests, under ``pulumi.runtime.set_mocks``, none of them asks a server: the mocks'
``call`` is asked, as for every Pulumi function, with the token ``airbyte:getSource`` and the arguments as written;
where it answers nothing, the answer is made up from the arguments, the same each time.
"""
