"""MLflow's FastAPI application without the parts that are closed.

mlflow/server/fastapi_app.py puts it together from all routers; this does the same without those
of the gateway, the assistant and the jobs, whose routes the gate keeps closed unless somebody opens
them. They alone insist on pandas and numpy, see lean.py.
"""

import json


def application():
    """The application; what is not its own has to be mounted below it."""
    from fastapi import FastAPI
    from mlflow.server.artifact_router import artifact_router
    from mlflow.server.fastapi_security import init_fastapi_security
    from mlflow.server.mcp_server_api import get_mcp_server_api_route_prefixes, mcp_server_router
    from mlflow.server.otel_api import otel_router
    from mlflow.server.server_info_api import server_info_router
    from mlflow.version import VERSION

    app = FastAPI(
        title="MLflow Tracking Server",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    init_fastapi_security(app)
    app.add_middleware(Workspace)
    _explain_errors(app)
    app.include_router(otel_router)
    app.include_router(artifact_router)
    for prefix in get_mcp_server_api_route_prefixes():
        app.include_router(mcp_server_router, prefix=prefix)
    app.include_router(server_info_router)
    return app


class Workspace:
    """Finds out which workspace a request is for, or refuses one that names a workspace where there
    are none."""

    def __init__(self, app):
        from mlflow.server import workspace_helpers

        self.app = app
        self.header = workspace_helpers.WORKSPACE_HEADER_NAME.lower().encode("latin-1")
        self.resolve = workspace_helpers.resolve_workspace_for_request_if_enabled

    async def __call__(self, scope, receive, send):
        from mlflow.exceptions import MlflowException
        from mlflow.utils import workspace_context
        from starlette.responses import JSONResponse

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        named = next((value for name, value in scope["headers"] if name == self.header), None)
        try:
            workspace = self.resolve(scope["path"], named and named.decode("latin-1"))
        except MlflowException as error:
            refusal = JSONResponse(
                json.loads(error.serialize_as_json()), error.get_http_status_code()
            )
            await refusal(scope, receive, send)
            return
        workspace_context.set_server_request_workspace(workspace.name if workspace else None)
        try:
            await self.app(scope, receive, send)
        finally:
            workspace_context.clear_server_request_workspace()


def _explain_errors(app):
    """Answers errors with MLflow's own JSON, and requests that make no sense as each API does."""
    from fastapi.exceptions import RequestValidationError
    from mlflow.exceptions import MlflowException
    from mlflow.server import mcp_server_api
    from mlflow.server.mlflow_response import mlflow_exception_response
    from starlette.responses import JSONResponse

    @app.exception_handler(MlflowException)
    async def failed(request, error):
        return mlflow_exception_response(error, handler_name=request.scope["path"])

    @app.exception_handler(RequestValidationError)
    async def senseless(request, error):
        if mcp_server_api.is_mcp_server_api_path(request.scope["path"]):
            return mcp_server_api._request_validation_error_response(error)
        return JSONResponse({"detail": error.errors()}, 422)
