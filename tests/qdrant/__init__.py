"""A loopback server that speaks Qdrant's two wires before the engine inside qdrant-client.

It is no Qdrant: no shards, no replicas, no index of vectors, nothing on disk. It shows that what is
sent and received survives the wire, and it can be away, slow or busy as a real one can.
"""
