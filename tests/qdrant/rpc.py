"""Qdrant's gRPC wire before an engine."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from qdrant_client import grpc as wire
from qdrant_client import models
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc
from qdrant_client.grpc.collections_service_pb2_grpc import (
    CollectionsServicer,
    add_CollectionsServicer_to_server,
)
from qdrant_client.grpc.points_service_pb2_grpc import PointsServicer, add_PointsServicer_to_server

from tests.qdrant.rest import Wire

Context = Any  # grpcio has no types


class _Collections(CollectionsServicer):
    def __init__(self, played: Wire) -> None:
        self._played = played
        self._engine = played.engine

    def Create(self, request: Any, context: Context) -> object:
        sparse = GrpcToRest.convert_sparse_vector_config(request.sparse_vectors_config)
        self._engine.create_collection(
            request.collection_name,
            GrpcToRest.convert_vectors_config(request.vectors_config),
            sparse,
            metadata=GrpcToRest.convert_payload(request.metadata),
        )
        return wire.CollectionOperationResponse(result=True)

    def CollectionExists(self, request: Any, context: Context) -> object:
        exists = self._engine.collection_exists(request.collection_name)
        return wire.CollectionExistsResponse(result=wire.CollectionExists(exists=exists))

    def Get(self, request: Any, context: Context) -> object:
        found = self._engine.get_collection(request.collection_name)
        return wire.GetCollectionInfoResponse(result=RestToGrpc.convert_collection_info(found))

    def List(self, request: Any, context: Context) -> object:
        names = [one.name for one in self._engine.get_collections().collections]
        described = [wire.CollectionDescription(name=name) for name in names]
        return wire.ListCollectionsResponse(collections=described)

    def Delete(self, request: Any, context: Context) -> object:
        done = self._engine.delete_collection(request.collection_name)
        return wire.CollectionOperationResponse(result=done)

    def UpdateAliases(self, request: Any, context: Context) -> object:
        changes = [GrpcToRest.convert_alias_operations(one) for one in request.actions]
        done = self._engine.update_collection_aliases(changes)
        return wire.CollectionOperationResponse(result=done)

    def ListAliases(self, request: Any, context: Context) -> object:
        aliases = self._engine.get_aliases().aliases
        described = [RestToGrpc.convert_alias_description(one) for one in aliases]
        return wire.ListAliasesResponse(aliases=described)


class _Points(PointsServicer):
    def __init__(self, played: Wire) -> None:
        self._played = played
        self._engine = played.engine

    def CreateFieldIndex(self, request: Any, context: Context) -> object:
        """The engine needs none, and warns of it."""
        self._engine.get_collection(request.collection_name)
        return _updated()

    def UpdateBatch(self, request: Any, context: Context) -> object:
        changes: list[models.UpdateOperation] = []
        for one in request.operations:
            if one.HasField("upsert"):
                points = [GrpcToRest.convert_point_struct(point) for point in one.upsert.points]
                changes.append(models.UpsertOperation(upsert=models.PointsList(points=points)))
            else:
                chosen = GrpcToRest.convert_points_selector(one.delete_points.points)
                changes.append(models.DeleteOperation(delete=chosen))
        done = self._engine.batch_update_points(request.collection_name, changes)
        return wire.UpdateBatchResponse(
            result=[RestToGrpc.convert_update_result(one) for one in done]
        )

    def Delete(self, request: Any, context: Context) -> object:
        chosen = GrpcToRest.convert_points_selector(request.points)
        self._engine.delete(request.collection_name, chosen)
        return _updated()

    def SetPayload(self, request: Any, context: Context) -> object:
        chosen = GrpcToRest.convert_points_selector(request.points_selector)
        assert isinstance(chosen, models.FilterSelector)
        changed = GrpcToRest.convert_payload(request.payload)
        self._engine.set_payload(request.collection_name, changed, chosen.filter)
        return _updated()

    def Query(self, request: Any, context: Context) -> object:
        asked = GrpcToRest.convert_query_points(request)
        (found,) = self._engine.query_batch_points(request.collection_name, [asked])
        return wire.QueryResponse(result=map(RestToGrpc.convert_scored_point, found.points))

    def QueryBatch(self, request: Any, context: Context) -> object:
        asked = [GrpcToRest.convert_query_points(one) for one in request.query_points]
        answers = self._engine.query_batch_points(request.collection_name, asked)
        results = [
            wire.BatchResult(result=map(RestToGrpc.convert_scored_point, one.points))
            for one in answers
        ]
        return wire.QueryBatchResponse(result=results)

    def Get(self, request: Any, context: Context) -> object:
        ids = [GrpcToRest.convert_point_id(id) for id in request.ids]
        found = self._engine.retrieve(request.collection_name, ids)
        return wire.GetResponse(result=map(RestToGrpc.convert_retrieved_point, found))

    def Scroll(self, request: Any, context: Context) -> object:
        found, after = self._engine.scroll(
            request.collection_name,
            GrpcToRest.convert_filter(request.filter) if request.HasField("filter") else None,
            limit=request.limit,
            offset=GrpcToRest.convert_point_id(request.offset)
            if request.HasField("offset")
            else None,
            with_payload=GrpcToRest.convert_with_payload_interface(request.with_payload),
            with_vectors=GrpcToRest.convert_with_vectors_selector(request.with_vectors),
        )
        answer = wire.ScrollResponse(result=map(RestToGrpc.convert_retrieved_point, found))
        if after is not None:
            answer.next_page_offset.CopyFrom(RestToGrpc.convert_extended_point_id(after))
        return answer

    def Count(self, request: Any, context: Context) -> object:
        found = self._engine.count(request.collection_name)
        return wire.CountResponse(result=RestToGrpc.convert_count_result(found))

    def Facet(self, request: Any, context: Context) -> object:
        found = self._engine.facet(
            request.collection_name, request.key, limit=request.limit, exact=request.exact
        )
        return wire.FacetResponse(hits=map(RestToGrpc.convert_facet_value_hit, found.hits))


class _Gate(grpc.ServerInterceptor):  # type: ignore[misc]
    """Keys, one call at a time, and errors with Qdrant's codes."""

    def __init__(self, played: Wire) -> None:
        self._played = played

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)
        played = self._played
        key = dict(details.invocation_metadata).get("api-key", "")

        def called(request: Any, context: Context) -> object:
            played.asked.append(details.method)
            if played.api_key and key != played.api_key:
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "Must provide an API key")
            if played.instead:
                after = played.instead.pop(0).headers.get("retry-after", "")
                context.set_trailing_metadata((("retry-after", after),) if after else ())
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "for now")
            try:
                with played.lock:
                    return handler.unary_unary(request, context)
            except ValueError as exc:
                return context.abort(grpc.StatusCode.NOT_FOUND, str(exc))

        return grpc.unary_unary_rpc_method_handler(
            called, handler.request_deserializer, handler.response_serializer
        )


@contextmanager
def serving(played: Wire, port: int = 0) -> Iterator[int]:
    """Gives the port."""
    with ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, interceptors=[_Gate(played)])
        add_CollectionsServicer_to_server(_Collections(played), server)  # type: ignore[no-untyped-call]
        add_PointsServicer_to_server(_Points(played), server)  # type: ignore[no-untyped-call]
        taken = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        try:
            yield taken
        finally:
            server.stop(None).wait()


def _updated() -> object:
    done = wire.UpdateResult(operation_id=0, status=wire.UpdateStatus.Completed)
    return wire.PointsOperationResponse(result=done)
