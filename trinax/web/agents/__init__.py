"""Tools for agents: searching, reading and research over the Model Context Protocol."""
