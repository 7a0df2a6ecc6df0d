"""``web_backend/mappers/validate`` and ``web_backend/describe_cron_expression`` (real-server.md A17)."""

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from pulumi_airbyte_wb.emulator.catalog.checks import configured_streams
from pulumi_airbyte_wb.emulator.catalog.configured import api_catalog_of
from pulumi_airbyte_wb.emulator.catalog.destination import (
    MapperError,
    SlimStream,
    apply_mapper,
    field_type,
    slim_stream,
)
from pulumi_airbyte_wb.emulator.catalog.mappers import read_mapper
from pulumi_airbyte_wb.emulator.connection.schedule import checked_expression
from pulumi_airbyte_wb.emulator.core.failures import InternalError, needed
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import key_of
from pulumi_airbyte_wb.emulator.http.connection_requests import mappers_shape
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import CRON_EXPRESSION

_SHOWN_RUNS = 3


@operation("web_backend/mappers/validate", by_version=mappers_shape)
def validate(airbyte: Airbyte, body: Doc) -> Doc:
    """Apply mappers one by one to a stream of a connection, and show the fields between them."""
    rules = airbyte.rules
    connection = airbyte.connection(needed(body, "connectionId", rules))
    catalog = api_catalog_of(airbyte.configured(connection["connectionId"]), rules)
    entries = configured_streams(catalog["streams"], rules)
    wanted = key_of(body.get("streamDescriptor") or {"name": None})
    entry = next((each for each in entries if key_of(each["stream"]) == wanted), None)
    if entry is None:
        message = "Collection contains no element matching the predicate."
        raise InternalError(message, "java.util.NoSuchElementException")
    stream = slim_stream(entry)
    initial = fields = _fields(stream, entry["config"])
    results = []
    for mapper in body.get("mappers") or []:
        read = read_mapper(mapper, rules)
        result: Doc = {"inputFields": fields}
        if read.get("id") is not None:
            result["id"] = read["id"]
        try:
            apply_mapper(stream, read, rules)
        except MapperError as problem:
            result["validationError"] = {"type": problem.word, "message": str(problem)}
        fields = _fields(stream, entry["config"])
        results.append({**result, "outputFields": fields})
    return {"initialFields": initial, "outputFields": fields, "mappers": results}


def _fields(stream: SlimStream, config: Doc) -> list[Doc]:
    """The fields of a stream; which of them are cursor and key is told by their first names."""
    key = {path[0] for path in config["primaryKey"] if path}
    cursor = next(iter(config["cursorField"]), None)
    return [
        {
            "name": name,
            "type": field_type(node),
            "isSelectedPrimaryKey": name in key,
            "isSelectedCursor": name == cursor,
        }
        for name, node in stream.fields.items()
    ]


@operation("web_backend/describe_cron_expression", CRON_EXPRESSION)
def describe_cron_expression(airbyte: Airbyte, body: Doc) -> Doc:
    """Check a cron expression and say when it runs next; the emulator describes it by itself."""
    expression = needed(body, "cronExpression", airbyte.rules)
    cron = checked_expression(expression, airbyte.rules)
    now = datetime.fromtimestamp(airbyte.moment, ZoneInfo("UTC"))
    return {
        "cronExpression": expression,
        "description": f"by the cron expression {expression}",
        "nextExecutions": [int(run.timestamp()) for run in islice(cron.fires(now), _SHOWN_RUNS)],
    }
