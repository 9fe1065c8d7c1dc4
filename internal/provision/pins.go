package provision

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

//go:embed pins.json
var pinsJSON []byte

// Pins is what is fixed besides the packages: uv and its archives, and which Pythons fit.
type Pins struct {
	UV struct {
		// Version is the one that is fetched; Minimum the oldest that is taken from PATH.
		Version string `json:"version"`
		Minimum string `json:"minimum"`
		// URL of an archive, with {version} and {target} to fill in.
		URL string `json:"url"`
		// Archives by GOOS/GOARCH. A platform without one gets uv from the Python package index.
		Archives map[string]Archive `json:"archives"`
	} `json:"uv"`
	Python struct {
		// Managed is the minor version uv installs; a system Python is at least Minimum and less than Below.
		Managed string `json:"managed"`
		Minimum string `json:"minimum"`
		Below   string `json:"below"`
	} `json:"python"`
}

// Archive is one release archive of uv.
type Archive struct {
	// Target is the platform's name in Rust's terms.
	Target string `json:"target"`
	// SHA256 of the archive, in hexadecimal.
	SHA256 string `json:"sha256"`
}

// DefaultPins are the embedded ones.
var DefaultPins = sync.OnceValue(func() Pins {
	var p Pins
	if err := json.Unmarshal(pinsJSON, &p); err != nil {
		panic("provision: pins.json: " + err.Error()) // embedded: a broken one cannot pass the tests
	}
	return p
})

func (p Pins) archiveURL(a Archive) string {
	return strings.NewReplacer("{version}", p.UV.Version, "{target}", a.Target).Replace(p.UV.URL)
}
