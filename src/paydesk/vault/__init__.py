"""The process that alone keeps card numbers, and fills them into requests on their way out."""
