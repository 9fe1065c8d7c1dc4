package provision

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// pipSettings reads what uv needs to know from pip's configuration, which uv itself does not read: index-url,
// extra-index-url and cert. Later files and variables win over earlier ones, as in pip. Only files that can be read count.
func pipSettings(environ []string) map[string]string {
	settings := map[string]string{}
	for _, file := range pipFiles(environ) {
		readPipFile(file, settings)
	}
	for key, name := range map[string]string{"index-url": "PIP_INDEX_URL", "extra-index-url": "PIP_EXTRA_INDEX_URL", "cert": "PIP_CERT"} {
		if v := value(environ, name); v != "" {
			settings[key] = v
		}
	}
	return settings
}

// pipFiles are the places of pip's documentation, "Configuration".
func pipFiles(environ []string) []string {
	switch file := value(environ, "PIP_CONFIG_FILE"); file {
	case "":
	case os.DevNull:
		return nil
	default:
		return []string{file}
	}
	files := []string{"/etc/pip.conf"}
	home := value(environ, "HOME")
	config := value(environ, "XDG_CONFIG_HOME")
	if config == "" && home != "" {
		config = filepath.Join(home, ".config")
	}
	if home != "" {
		files = append(files, filepath.Join(home, ".pip", "pip.conf"))
		if runtime.GOOS == "darwin" {
			files = append(files, filepath.Join(home, "Library", "Application Support", "pip", "pip.conf"))
		}
	}
	if config != "" {
		files = append(files, filepath.Join(config, "pip", "pip.conf"))
	}
	return files
}

// readPipFile takes the settings of [global] and [install]. A value may go on over indented lines.
func readPipFile(name string, settings map[string]string) {
	file, err := os.Open(name)
	if err != nil {
		return
	}
	defer file.Close()
	var section, key string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		text := strings.TrimSpace(line)
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[':
			section, key = strings.Trim(text, "[]"), ""
		case section != "global" && section != "install":
		case line[0] == ' ' || line[0] == '\t':
			if key != "" {
				settings[key] = strings.TrimSpace(settings[key] + " " + text)
			}
		default:
			k, v, _ := strings.Cut(text, "=")
			key = strings.ReplaceAll(strings.TrimSpace(k), "_", "-")
			settings[key] = strings.TrimSpace(v)
		}
	}
}
