"""PostgreSQL: connections, the schema, and the embedded server."""
