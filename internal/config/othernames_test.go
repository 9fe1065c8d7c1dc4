package config

import (
	"slices"
	"strings"
	"testing"
)

func environOf(variables map[string]string) []string {
	var environ []string
	for name, value := range variables {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// loadAll is load for an environment as it comes, with the names of others.
func loadAll(t *testing.T, variables map[string]string) (*Config, error) {
	t.Helper()
	environ, problems := withOtherNames(environOf(variables))
	t.Chdir(t.TempDir())
	return loadAfter(problems, Serve, LookupIn(environ))
}

func TestTheBucketOfAnAddonIsUsed(t *testing.T) {
	bucketeer := map[string]string{
		"BUCKETEER_BUCKET_NAME": "bucketeer-1234", "BUCKETEER_AWS_ACCESS_KEY_ID": "AKIA1", "BUCKETEER_AWS_SECRET_ACCESS_KEY": "hunter2/+=", "BUCKETEER_AWS_REGION": "eu-west-1",
	}
	cube := map[string]string{
		"CLOUDCUBE_URL": "https://cloud-cube.s3.amazonaws.com/abcd1234", "CLOUDCUBE_ACCESS_KEY_ID": "AKIA2", "CLOUDCUBE_SECRET_ACCESS_KEY": "hunter2/+=",
	}
	with := func(set map[string]string, more ...string) map[string]string {
		all := map[string]string{passwordVariable: "not the default", "DYNO": "web.1", "DATABASE_URL": "postgres://u:p@h/d"}
		for name, value := range set {
			all[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for name, c := range map[string]struct {
		variables        map[string]string
		uri, key, region string
	}{
		"bucketeer":                              {with(bucketeer), "s3://bucketeer-1234/mlflow", "AKIA1", "eu-west-1"},
		"bucketeer beside keys for another use":  {with(bucketeer, "AWS_ACCESS_KEY_ID", "other", "AWS_SECRET_ACCESS_KEY", "other", "AWS_REGION", "other", "AWS_SESSION_TOKEN", "other"), "s3://bucketeer-1234/mlflow", "AKIA1", "eu-west-1"},
		"bucketeer with an empty artifact URI":   {with(bucketeer, artifactVariable, ""), "s3://bucketeer-1234/mlflow", "AKIA1", "eu-west-1"},
		"bucketeer beside a bucket of one's own": {with(bucketeer, artifactVariable, "s3://mine/x", "AWS_ACCESS_KEY_ID", "A", "AWS_SECRET_ACCESS_KEY", "b", "AWS_DEFAULT_REGION", "r"), "s3://mine/x", "A", "r"},
		"cloudcube":                              {with(cube), "s3://cloud-cube/abcd1234/mlflow", "AKIA2", "us-east-1"},
		"cloudcube in Europe":                    {with(cube, "CLOUDCUBE_URL", "https://cloud-cube-eu.s3.amazonaws.com/abcd1234"), "s3://cloud-cube-eu/abcd1234/mlflow", "AKIA2", "eu-west-1"},
		"cloudcube in its second bucket":         {with(cube, "CLOUDCUBE_URL", "https://cloud-cube-us2.s3.amazonaws.com/abcd1234"), "s3://cloud-cube-us2/abcd1234/mlflow", "AKIA2", "us-east-1"},
		"cloudcube in Europe's second bucket":    {with(cube, "CLOUDCUBE_URL", "https://cloud-cube-eu2.s3.eu-west-1.amazonaws.com/abcd1234"), "s3://cloud-cube-eu2/abcd1234/mlflow", "AKIA2", "eu-west-1"},
		"cloudcube there, without a region":      {with(cube, "CLOUDCUBE_URL", "https://cloud-cube-eu2.s3.amazonaws.com/abcd1234"), "s3://cloud-cube-eu2/abcd1234/mlflow", "AKIA2", "eu-west-1"},
		"cloudcube in Japan":                     {with(cube, "CLOUDCUBE_URL", "https://cloud-cube-jp.s3.amazonaws.com/abcd1234"), "s3://cloud-cube-jp/abcd1234/mlflow", "AKIA2", "ap-northeast-1"},
		"cloudcube with a region in its name":    {with(cube, "CLOUDCUBE_URL", "https://cloud-cube.s3.ap-south-1.amazonaws.com/abcd/1234/"), "s3://cloud-cube/abcd/1234/mlflow", "AKIA2", "ap-south-1"},
		"cloudcube and a region that is given":   {with(cube, "AWS_DEFAULT_REGION", "eu-central-1"), "s3://cloud-cube/abcd1234/mlflow", "AKIA2", "eu-central-1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loadAll(t, c.variables)
			if err != nil {
				t.Fatal(err)
			}
			if b := got.Service.S3; got.Artifacts.URI != c.uri || b.AccessKey != c.key || b.Region != c.region || b.SessionToken != "" {
				t.Errorf("got %s, key %s, region %s", got.Artifacts.URI, b.AccessKey, b.Region)
			}
			if got.Capacity.EphemeralArtifacts {
				t.Error("artifacts are taken for lost")
			}
		})
	}
	for name, c := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"bucketeer without its secret": {with(bucketeer, "BUCKETEER_AWS_SECRET_ACCESS_KEY", ""), "BUCKETEER_AWS_SECRET_ACCESS_KEY: is not set, but BUCKETEER_BUCKET_NAME is"},
		"cloudcube without its key":    {with(cube, "CLOUDCUBE_ACCESS_KEY_ID", ""), "CLOUDCUBE_ACCESS_KEY_ID: is not set, but CLOUDCUBE_URL is"},
		"cloudcube without a cube":     {with(cube, "CLOUDCUBE_URL", "https://user:hunter2@cloud-cube.s3.amazonaws.com/"), "CLOUDCUBE_URL: is not of the form"},
		"cloudcube elsewhere":          {with(cube, "CLOUDCUBE_URL", "https://example.com/hunter2"), "CLOUDCUBE_URL: is not of the form"},
		"cloudcube that is no URL":     {with(cube, "CLOUDCUBE_URL", "://hunter2"), "CLOUDCUBE_URL: is not of the form"},
		"both":                         {with(bucketeer, "CLOUDCUBE_URL", cube["CLOUDCUBE_URL"], "CLOUDCUBE_ACCESS_KEY_ID", "a", "CLOUDCUBE_SECRET_ACCESS_KEY", "hunter2"), artifactVariable + ": two add-ons"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadAll(t, c.variables)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAnAddonsKeysTakeThePlaceOfOthersInTheEnvironment(t *testing.T) {
	environ, problems := withOtherNames([]string{
		"PATH=/bin", "AWS_ACCESS_KEY_ID=other", "AWS_SESSION_TOKEN=other", "MLFLOW_ARTIFACT_URI=", "BUCKETEER_BUCKET_NAME=bucketeer-1234",
		"BUCKETEER_AWS_ACCESS_KEY_ID=AKIA1", "BUCKETEER_AWS_SECRET_ACCESS_KEY=s", "BUCKETEER_AWS_REGION=eu-west-1",
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, want := range []string{"PATH=/bin", "AWS_ACCESS_KEY_ID=AKIA1", "AWS_SECRET_ACCESS_KEY=s", "AWS_REGION=eu-west-1", "MLFLOW_ARTIFACT_URI=s3://bucketeer-1234/mlflow"} {
		if !slices.Contains(environ, want) {
			t.Errorf("%s is missing in %q", want, environ)
		}
	}
	for _, unwanted := range []string{"AWS_ACCESS_KEY_ID=other", "AWS_SESSION_TOKEN=other", "MLFLOW_ARTIFACT_URI="} {
		if slices.Contains(environ, unwanted) {
			t.Errorf("%s is still there", unwanted)
		}
	}
}

// The variable sets of two other servers, as their documents give them. docs/moving-in.md has the mapping.
func TestTheVariablesOfOtherServersWorkUnchanged(t *testing.T) {
	for name, c := range map[string]struct {
		variables         map[string]string
		database, source  string
		artifacts, listen string
		users             []string
	}{
		"mlflow-server of DougTrajano on Heroku": {map[string]string{
			"PORT": "34567", "DYNO": "web.1", "DATABASE_URL": "postgres://u:p@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1",
			"MLFLOW_ARTIFACT_URI": "s3://mlflow-heroku-20220723133820303500000001", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1",
			"MLFLOW_TRACKING_USERNAME": "doug", "MLFLOW_TRACKING_PASSWORD": "x",
		}, "postgresql+psycopg://u:p@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1?sslmode=require", "DATABASE_URL",
			"s3://mlflow-heroku-20220723133820303500000001", "0.0.0.0:34567", []string{"doug"}},
		"mlflow-server of DougTrajano on AWS": {map[string]string{
			"PORT": "80", "MLFLOW_ARTIFACT_URI": "s3://mlflow-dev-1", "MLFLOW_DB_DIALECT": "postgresql", "MLFLOW_DB_USERNAME": "mlflow",
			"MLFLOW_DB_PASSWORD": "p/w@d", "MLFLOW_DB_HOST": "mlflow.cluster-1.us-east-1.rds.amazonaws.com", "MLFLOW_DB_PORT": "5432", "MLFLOW_DB_DATABASE": "mlflow",
			"MLFLOW_TRACKING_USERNAME": "doug", "MLFLOW_TRACKING_PASSWORD": "x",
		}, "postgresql+psycopg://mlflow:p%2Fw%40d@mlflow.cluster-1.us-east-1.rds.amazonaws.com:5432/mlflow", "MLFLOW_DB_HOST",
			"s3://mlflow-dev-1", "0.0.0.0:80", []string{"doug"}},
		"mlflow-server of DougTrajano with MySQL and its port by default": {map[string]string{
			"MLFLOW_DB_DIALECT": "mysql+pymysql", "MLFLOW_DB_HOST": "db", "MLFLOW_TRACKING_USERNAME": "doug", "MLFLOW_TRACKING_PASSWORD": "x",
			"MLFLOW_ARTIFACT_URI": "s3://bucket/x",
		}, "mysql+pymysql://mlflow:mlflow@db:3306/mlflow", "MLFLOW_DB_HOST", "s3://bucket/x", "0.0.0.0:80", []string{"doug"}},
		// There the dialect is mysql+pymysql where none is given, whatever its documents say: docs/moving-in.md tells.
		"mlflow-server of DougTrajano with parts and no dialect": {map[string]string{
			"MLFLOW_DB_HOST": "db", "MLFLOW_DB_PASSWORD": "p", "MLFLOW_TRACKING_USERNAME": "doug", "MLFLOW_TRACKING_PASSWORD": "x",
			"MLFLOW_ARTIFACT_URI": "s3://bucket/x",
		}, "postgresql+psycopg://mlflow:p@db:5432/mlflow", "MLFLOW_DB_HOST", "s3://bucket/x", "0.0.0.0:80", []string{"doug"}},
		"mlflow-server of DougTrajano in compose": {map[string]string{
			"PORT": "80", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "MLFLOW_ARTIFACT_URI": "s3://bucket/x", "MLFLOW_DB_DATABASE": "postgres",
			"MLFLOW_DB_DIALECT": "postgresql", "MLFLOW_DB_HOST": "postgres", "MLFLOW_DB_PASSWORD": "postgres", "MLFLOW_DB_PORT": "5432",
			"MLFLOW_DB_USERNAME": "postgres", "MLFLOW_TRACKING_USERNAME": "mlflow,user", "MLFLOW_TRACKING_PASSWORD": "changed,pass", "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
		}, "postgresql+psycopg://postgres:postgres@postgres:5432/postgres", "MLFLOW_DB_HOST", "s3://bucket/x", "0.0.0.0:80", []string{"mlflow", "user"}},
		"mlflow-server of DougTrajano with a URI": {map[string]string{
			"MLFLOW_BACKEND_URI": "postgresql://u:p@db/d", "MLFLOW_DB_HOST": "ignored", "DATABASE_URL": "postgres://ignored/d",
			"MLFLOW_TRACKING_USERNAME": "doug", "MLFLOW_TRACKING_PASSWORD": "x", "MLFLOW_ARTIFACT_URI": "s3://bucket/x",
		}, "postgresql+psycopg://u:p@db/d", "MLFLOW_BACKEND_URI", "s3://bucket/x", "0.0.0.0:80", []string{"doug"}},
		"mlflow-easyauth on Heroku": {map[string]string{
			"PORT": "34567", "DYNO": "web.1", "DATABASE_URL": "postgres://u:p@h:5432/d", "ARTIFACT_URL": "s3://bucket/test1",
			"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": "x",
		}, "postgresql+psycopg://u:p@h:5432/d?sslmode=require", "DATABASE_URL", "s3://bucket/test1", "0.0.0.0:34567", []string{"user"}},
		"mlflow-easyauth in a container": {map[string]string{
			"PORT": "5000", "DATABASE_URL": "postgresql://mlflow_test:pass@localhost", "ARTIFACT_URL": "s3://bucket/test1",
			"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": "x",
		}, "postgresql+psycopg://mlflow_test:pass@localhost", "DATABASE_URL", "s3://bucket/test1", "0.0.0.0:5000", []string{"user"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loadAll(t, c.variables)
			if err != nil {
				t.Fatal(err)
			}
			if got.Backend.URI.Reveal() != c.database || got.Backend.Source != c.source || got.Artifacts.URI != c.artifacts || got.Addr() != c.listen {
				t.Errorf("got %s by %s, %s, %s", got.Backend.URI.Reveal(), got.Backend.Source, got.Artifacts.URI, got.Addr())
			}
			var names []string
			for _, u := range got.Users {
				names = append(names, u.Name)
			}
			if !slices.Equal(names, c.users) {
				t.Errorf("users %q, want %q", names, c.users)
			}
		})
	}
	t.Run("mlflow-easyauth's directory of runs is refused with the way to move it", func(t *testing.T) {
		docker := map[string]string{"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": "pass", "GOOGLE_APPLICATION_CREDENTIALS_JSON": "None",
			"ARTIFACT_URL": "mlruns", "DATABASE_URL": "mlruns"}
		_, err := loadAll(t, docker)
		if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.HasPrefix(err.Error(), "DATABASE_URL: ") || !strings.Contains(err.Error(), "mlflow migrate-filestore") {
			t.Errorf("got %v", err)
		}
		delete(docker, "DATABASE_URL")
		got, err := loadAll(t, docker)
		if err != nil {
			t.Fatal(err)
		}
		if here := workingDirectory(t); got.Backend.File != here+"/mlflow.db" || got.Artifacts.Path != here+"/mlruns" {
			t.Errorf("%+v, %+v", got.Backend, got.Artifacts)
		}
	})
	t.Run("mlflow-easyauth's Google buckets are refused by name", func(t *testing.T) {
		_, err := loadAll(t, map[string]string{"ARTIFACT_URL": "gs://bucket/test1", "DATABASE_URL": "postgres://u:p@h/d", passwordVariable: "x"})
		if err == nil || !strings.Contains(err.Error(), "artifacts on gs: are not supported") {
			t.Errorf("got %v", err)
		}
	})
}
