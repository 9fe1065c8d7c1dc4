#!/bin/sh
# Builds the image and pushes it to ECR, unless an image is there under this tag already.
# Reads IMAGE (registry/repository:tag), REPOSITORY, TAG, PLATFORM (linux/amd64), SOURCE_DIR and REGION.
set -eu

fail() {
	printf '\nThe image was not built: %s\n\n' "$1" >&2
	exit 1
}

other="or pass an image that exists: terraform apply -var image=REGISTRY/REPOSITORY:TAG"

command -v aws >/dev/null 2>&1 || fail "the aws command is not on the PATH. Install the AWS CLI, $other"

if found=$(aws ecr describe-images --region "$REGION" --repository-name "$REPOSITORY" --image-ids "imageTag=$TAG" 2>&1); then
	echo "$IMAGE is in the repository already."
	exit 0
fi
case $found in
*ImageNotFoundException*) ;;
*) fail "asking ECR for $IMAGE failed: $found" ;;
esac

command -v docker >/dev/null 2>&1 || fail "docker is not on the PATH. Install Docker, $other"
docker version >/dev/null 2>&1 || fail "docker does not answer (docker version). Start it, $other"
[ -f "$SOURCE_DIR/Dockerfile" ] || fail "there is no Dockerfile in $SOURCE_DIR. Run terraform in a clone of the repository, $other"

registry=${IMAGE%%/*}
# The password goes through a pipe: in an argument, every process of the machine could read it.
aws ecr get-login-password --region "$REGION" |
	docker login --username AWS --password-stdin "$registry" || fail "docker login to $registry failed."
trap 'docker logout "$registry" >/dev/null 2>&1 || true' EXIT

docker build --platform "$PLATFORM" --tag "$IMAGE" "$SOURCE_DIR" || fail "docker build failed; its output is above."
docker push "$IMAGE" || fail "docker push of $IMAGE failed."
