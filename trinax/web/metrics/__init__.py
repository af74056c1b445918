"""What a monitoring system reads of the server."""
