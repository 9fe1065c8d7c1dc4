package provision

import (
	"errors"
	"strings"
	"testing"
)

func TestWithoutWishesThePlanIsTheLock(t *testing.T) {
	for name, o := range map[string]Options{
		"nothing asked for":              {},
		"the locked MLflow asked for":    {MLflowVersion: LockedMLflowVersion()},
		"only comments and blanks asked": {Extras: []string{"", "# none", "  "}},
	} {
		p, err := newPlan(o)
		if err != nil || p.requirements != lockRequirements || p.hash != lockHash() || !p.locked {
			t.Errorf("%s: locked %v, hash %s, %v", name, p.locked, p.hash, err)
		}
	}
}

func TestExtraRequirementsResolveWithTheLockAsConstraints(t *testing.T) {
	p, err := newPlan(Options{Extras: []string{"some-plugin[s3]>=2 ; python_version >= '3.10'", "Flask_Cors==5", "pyarrow  # wanted"}})
	if err != nil {
		t.Fatal(err)
	}
	if !p.locked || p.requirements != "" || p.hash == lockHash() {
		t.Errorf("plan %+v", p)
	}
	for _, want := range []string{"mlflow==" + LockedMLflowVersion(), "some-plugin[s3]>=2 ; python_version >= '3.10'", "Flask_Cors==5", "pyarrow"} {
		if !strings.Contains(p.inputs, want+"\n") {
			t.Errorf("%q is not asked for in\n%s", want, p.inputs)
		}
	}
	if strings.Contains(p.constraints, "flask-cors") || !strings.Contains(p.constraints, "flask==") || strings.Contains(p.constraints, "--hash") {
		t.Errorf("constraints\n%s", p.constraints)
	}
	if strings.Contains(p.excludes, "pyarrow") || !strings.Contains(p.excludes, "scipy") {
		t.Errorf("left out: %q", p.excludes)
	}
}

func TestAnotherMLflowIsNeitherLeanNorHeldToTheLock(t *testing.T) {
	p, err := newPlan(Options{MLflowVersion: "2.22.1"})
	if err != nil {
		t.Fatal(err)
	}
	if p.locked || p.excludes != "" || p.constraints != "" || !strings.Contains(p.inputs, "mlflow==2.22.1\n") {
		t.Errorf("plan %+v", p)
	}
	if strings.Contains(p.preferences, "mlflow") || !strings.Contains(p.preferences, "flask==") {
		t.Errorf("preferences\n%s", p.preferences)
	}
}

func TestWishesThatCannotBeMetAreRefusedWithAReason(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"a version that is a range":     {Options{MLflowVersion: ">=3"}, `">=3" is not a version`},
		"a version that is an option":   {Options{MLflowVersion: "--pre"}, "is not a version"},
		"an option of pip":              {Options{Extras: []string{"--index-url https://u:p@h/"}}, `"--index-url https://[redacted]@h/" is not a requirement`},
		"another file":                  {Options{Extras: []string{"-r more.txt"}}, "is not a requirement"},
		"a path":                        {Options{Extras: []string{"./plugin"}}, "is not a requirement"},
		"a line that goes on":           {Options{Extras: []string{`a==1 \`}}, "is not a requirement"},
		"MLflow among the extras":       {Options{Extras: []string{"MLflow>=3"}}, "MLflow's version is not chosen here"},
		"the second of two, both named": {Options{Extras: []string{"-e .", "%"}}, `"%" is not`},
	} {
		_, err := newPlan(c.options)
		if e := (*Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResolvedPinsGetTheHashesOfTheLock(t *testing.T) {
	flask := versionIn(lockRequirements, "flask")
	got := withHashes("flask==" + flask + "\ntabulate==0.10.0\n")
	if !strings.HasPrefix(got, "flask=="+flask+" \\\n    --hash=sha256:") || !strings.HasSuffix(got, "\ntabulate==0.10.0\n") {
		t.Errorf("got\n%s", got)
	}
	if other := withHashes("flask==0.1\n"); strings.Contains(other, "--hash") {
		t.Errorf("another version got hashes:\n%s", other)
	}
}

func TestTheKeyOfABuildFollowsTheFormatOfTheRecord(t *testing.T) {
	now, err := Options{}.key(recordFormat)
	next, err2 := Options{}.key(recordFormat + 1)
	if err != nil || err2 != nil || now == next {
		t.Errorf("the keys are %s and %s, %v, %v", now, next, err, err2)
	}
	if key, _ := (Options{}).Key(); key != now {
		t.Errorf("the key of today is %s", key)
	}
}
