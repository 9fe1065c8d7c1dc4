"""Runs moto, and teaches it what the AWS path needs and it does not know: CloudFront's VPC origins, autoscaling's tags, and deploys that
fail: of an image whose tag begins with "broken", whose service goes back to its old tasks as ECS's circuit breaker has it.

Called as: moto_server.py PORT. Only what the real provider asks for is here; an origin is deployed at once.
"""

import json
import sys
from datetime import datetime, timezone

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.cloudfront import models, urls
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult
from moto.ecs.models import EC2ContainerServiceBackend
from moto.moto_api._internal import mock_random
from moto.rds.models import DBCluster
from moto.server import main

_origins = {}


class _NoSuchVpcOrigin(CloudFrontException):
    def __init__(self):
        super().__init__("EntityNotFound", "The entity was not found.")


class _VpcOrigin:
    def __init__(self, account, config):
        self.id = "vo_" + mock_random.get_random_hex(22)
        self.arn = f"arn:aws:cloudfront::{account}:vpcorigin/{self.id}"
        self.status = "Deployed"
        self.created_time = self.last_modified_time = datetime.now(timezone.utc)
        self.update(config)

    def update(self, config):
        protocols = (config.get("OriginSslProtocols") or {}).get("Items", [])
        config["OriginSslProtocols"] = {"Quantity": len(protocols), "Items": protocols}
        self.vpc_origin_endpoint_config = config
        self.etag = "E" + mock_random.get_random_hex(12).upper()

    def answer(self):
        return ActionResult({"VpcOrigin": self, "ETag": self.etag, "Location": self.id})


def _named(response):
    origin = _origins.get(response._get_param("Id"))
    if origin is None:
        raise _NoSuchVpcOrigin()
    return origin


def _create(self):
    origin = _VpcOrigin(self.current_account, self._get_param("VpcOriginEndpointConfig", {}))
    _origins[origin.id] = origin
    self.backend.tag_resource(origin.arn, self._get_param("Tags.Items", []))
    return origin.answer()


def _get(self):
    return _named(self).answer()


def _update(self):
    origin = _named(self)
    origin.update(self._get_param("VpcOriginEndpointConfig", {}))
    return origin.answer()


def _delete(self):
    origin = _named(self)
    del _origins[origin.id]
    return origin.answer()


CloudFrontResponse.create_vpc_origin = _create
CloudFrontResponse.get_vpc_origin = _get
CloudFrontResponse.update_vpc_origin = _update
CloudFrontResponse.delete_vpc_origin = _delete
urls.url_paths["{0}/2020-05-31/vpc-origin$"] = CloudFrontResponse.dispatch
urls.url_paths["{0}/2020-05-31/vpc-origin/(?P<vpc_origin_id>[^/]+)$"] = CloudFrontResponse.dispatch

_origin_init = models.Origin.__init__


def _origin_with_vpc(self, origin):
    _origin_init(self, origin)
    if "VpcOriginConfig" in origin:  # else moto forgets it, and every plan would put it back
        self.vpc_origin_config = origin["VpcOriginConfig"]


models.Origin.__init__ = _origin_with_vpc

_tags = {}


def _list_tags(self):
    return json.dumps({"Tags": _tags.get(self._get_param("ResourceARN"), {})})


def _tag(self):
    _tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


_register = ApplicationAutoScalingResponse.register_scalable_target


def _register_with_tags(self):
    answer = _register(self)
    arn = json.loads(answer).get("ScalableTargetARN")
    if arn and self._get_param("Tags"):
        _tags[arn] = self._get_param("Tags")
    return answer


ApplicationAutoScalingResponse.list_tags_for_resource = _list_tags
ApplicationAutoScalingResponse.tag_resource = _tag
ApplicationAutoScalingResponse.register_scalable_target = _register_with_tags

# moto makes up the scaling of Serverless v1 for every cluster: each apply would change it, and the provider waits half a minute then.
_scaling = DBCluster.scaling_configuration_info.fget
DBCluster.scaling_configuration_info = property(lambda self: _scaling(self) if self.scaling_configuration else None)

_update_service = EC2ContainerServiceBackend.update_service


def _update_service_or_go_back(self, properties):
    name = properties.get("task_definition")
    if name:
        containers = self.describe_task_definition(name).container_definitions
        if any(":broken" in container["image"] for container in containers):
            del properties["task_definition"]
    return _update_service(self, properties)


EC2ContainerServiceBackend.update_service = _update_service_or_go_back

if __name__ == "__main__":
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
