"""Answers asked for over HTTP, held against data sets and against the files they cite."""
