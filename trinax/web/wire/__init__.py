"""What every surface speaks with: bodies, streams, failures, records as JSON."""
