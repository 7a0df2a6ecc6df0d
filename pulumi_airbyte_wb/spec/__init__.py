"""What a program writes: connections, stream lines, fields, options and permissions, with the changes between them."""
