package deploy_test

import (
	"bytes"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestHerokuBuildsTheDockerfile holds heroku.yml against its manual.
// Source: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml
func TestHerokuBuildsTheDockerfile(t *testing.T) {
	var m struct {
		Setup struct {
			Addons []struct {
				Plan string `yaml:"plan"`
				As   string `yaml:"as"`
			} `yaml:"addons"`
			Config map[string]string `yaml:"config"`
		} `yaml:"setup"`
		Build struct {
			Docker map[string]string `yaml:"docker"`
			Config map[string]string `yaml:"config"`
		} `yaml:"build"`
		Release struct {
			Image   string   `yaml:"image"`
			Command []string `yaml:"command"`
		} `yaml:"release"`
		Run map[string]string `yaml:"run"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "heroku.yml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if len(m.Setup.Addons) != 1 || m.Setup.Addons[0].Plan != "heroku-postgresql:essential-0" {
		t.Errorf("add-ons %+v", m.Setup.Addons)
	}
	if m.Build.Docker["web"] != "Dockerfile" || m.Release.Image != "web" || len(m.Release.Command) != 1 {
		t.Errorf("builds %v, releases %+v", m.Build.Docker, m.Release)
	}
	// The image's processes are those of the Procfile, whose programs are on the image's PATH.
	procfile := string(read(t, "Procfile"))
	if want := "web: bin/" + m.Run["web"] + "\nrelease: bin/" + m.Release.Command[0] + "\n"; procfile != want {
		t.Errorf("the Procfile is\n%s\nheroku.yml is\n%s", procfile, want)
	}
}
