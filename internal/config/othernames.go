package config

import (
	"net/url"
	"path"
	"strings"
)

// bucketOf is what somebody else's variables say about the bucket for artifacts, as variables of the contract.
type bucketOf struct {
	uri, accessKey, secretKey, region string
}

// withOtherNames completes an environment by what Heroku's add-ons for buckets and mlflow-easyauth call by names of their
// own, so that everything further on, MLflow included, finds the contract's. MLFLOW_ARTIFACT_URI wins over all of them.
// With problems, the environment is as it was.
func withOtherNames(environ []string) ([]string, Problems) {
	r := &reader{lookup: LookupIn(environ)}
	if _, given := r.set(artifactVariable); given {
		return environ, nil
	}
	bucketeer, hasBucketeer := r.bucketeer()
	cloudcube, hasCloudcube := r.cloudcube()
	legacy, hasLegacy := r.set(legacyArtifactVariable)
	if hasBucketeer && hasCloudcube {
		r.reject(artifactVariable, "two add-ons have a bucket (BUCKETEER_BUCKET_NAME, CLOUDCUBE_URL); name the one to use here, as s3://bucket/prefix")
	}
	if len(r.problems) > 0 {
		return environ, r.problems
	}
	switch {
	case hasBucketeer:
		return bucketeer.into(environ), nil
	case hasCloudcube:
		return cloudcube.into(environ), nil
	case hasLegacy:
		return replaced(environ, map[string]string{artifactVariable: legacy}), nil
	}
	return environ, nil
}

// legacyArtifactVariable is mlflow-easyauth's name of the artifact store.
const legacyArtifactVariable = "ARTIFACT_URL"

// bucketeer reads the config vars of the add-on Bucketeer.
// Source: https://devcenter.heroku.com/articles/bucketeer
func (r *reader) bucketeer() (bucketOf, bool) {
	name, ok := r.set("BUCKETEER_BUCKET_NAME")
	if !ok {
		return bucketOf{}, false
	}
	return bucketOf{
		uri:       "s3://" + name + "/mlflow",
		accessKey: r.addonPart("BUCKETEER_AWS_ACCESS_KEY_ID", "BUCKETEER_BUCKET_NAME"),
		secretKey: r.addonPart("BUCKETEER_AWS_SECRET_ACCESS_KEY", "BUCKETEER_BUCKET_NAME"),
		region:    r.addonPart("BUCKETEER_AWS_REGION", "BUCKETEER_BUCKET_NAME"),
	}, true
}

// cloudcube reads the config vars of the add-on Cloudcube: a part of a bucket, whose prefix is the end of the URL.
// Source: https://devcenter.heroku.com/articles/cloudcube
func (r *reader) cloudcube() (bucketOf, bool) {
	text, ok := r.set("CLOUDCUBE_URL")
	if !ok {
		return bucketOf{}, false
	}
	u, err := url.Parse(text)
	var name, service string
	if err == nil {
		name, service, _ = strings.Cut(u.Hostname(), ".")
	}
	prefix := ""
	if err == nil {
		prefix = strings.Trim(u.Path, "/")
	}
	if err != nil || !strings.HasPrefix(service, "s3") || prefix == "" || !bucketName.MatchString(name) {
		r.reject("CLOUDCUBE_URL", "is not of the form https://bucket.s3.amazonaws.com/cube")
	}
	return bucketOf{
		uri:       "s3://" + path.Join(name, prefix, "mlflow"),
		accessKey: r.addonPart("CLOUDCUBE_ACCESS_KEY_ID", "CLOUDCUBE_URL"),
		secretKey: r.addonPart("CLOUDCUBE_SECRET_ACCESS_KEY", "CLOUDCUBE_URL"),
		region:    cubeRegion(r, name, service),
	}, true
}

// cubeRegion is what AWS_DEFAULT_REGION says, or the host's name; the add-on has no config var for it. Its buckets
// outside the United States end in a continent or a country: cloud-cube, cloud-cube-us2, cloud-cube-eu, cloud-cube-eu2,
// cloud-cube-jp.
// Source: https://devcenter.heroku.com/articles/cloudcube#aws-region
func cubeRegion(r *reader, bucket, service string) string {
	if region, ok := r.set("AWS_DEFAULT_REGION"); ok {
		return region
	}
	parts := strings.Split(service, ".") // s3, REGION, amazonaws, com
	switch {
	case len(parts) == 4:
		return parts[1]
	case strings.HasPrefix(parts[0], "s3-"):
		return strings.TrimPrefix(parts[0], "s3-")
	case strings.Contains(bucket, "-eu"):
		return "eu-west-1"
	case strings.Contains(bucket, "-jp"):
		return "ap-northeast-1"
	}
	return "us-east-1"
}

func (r *reader) addonPart(name, with string) string {
	value, ok := r.set(name)
	if !ok {
		r.reject(name, "is not set, but %s is; attach the add-on again, or set %s", with, artifactVariable)
	}
	return value
}

// into puts a bucket into an environment, in the place of keys that belong elsewhere.
func (b bucketOf) into(environ []string) []string {
	return replaced(environ, map[string]string{
		artifactVariable: b.uri, "AWS_ACCESS_KEY_ID": b.accessKey, "AWS_SECRET_ACCESS_KEY": b.secretKey,
		"AWS_DEFAULT_REGION": b.region, "AWS_REGION": b.region, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
	})
}

// replaced is an environment with some variables changed; an empty value takes one out.
func replaced(environ []string, by map[string]string) []string {
	var out []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if _, changed := by[name]; !changed {
			out = append(out, entry)
		}
	}
	for name, value := range by {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}
