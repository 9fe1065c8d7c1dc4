package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"mlflow-server/internal/provision"
)

func readPins(name string) (provision.Pins, error) {
	var pins provision.Pins
	data, err := os.ReadFile(name)
	if err != nil {
		return pins, err
	}
	if err := json.Unmarshal(data, &pins); err != nil {
		return pins, fmt.Errorf("reading %s: %w", name, err)
	}
	return pins, nil
}

// pinUV writes another version of uv into the pins, with the checksums that are published beside its archives.
func pinUV(ctx context.Context, name, version string) error {
	pins, err := readPins(name)
	if err != nil {
		return err
	}
	pins.UV.Version = version
	for platform, archive := range pins.UV.Archives {
		url := strings.NewReplacer("{version}", version, "{target}", archive.Target).Replace(pins.UV.URL) + ".sha256"
		if archive.SHA256, err = publishedSum(ctx, url); err != nil {
			return fmt.Errorf("getting the checksum of uv %s for %s: %w", version, platform, err)
		}
		pins.UV.Archives[platform] = archive
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(pins); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func publishedSum(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<12))
	if err != nil {
		return "", err
	}
	words := strings.Fields(string(text))
	if response.StatusCode != http.StatusOK || len(words) == 0 || !sum.MatchString(words[0]) {
		return "", fmt.Errorf("%s answered %s and no checksum", url, response.Status)
	}
	return words[0], nil
}
