"""HTTP: parse → call one flow → render."""
