package gate

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestThePictureInTheArchitectureIsTheChain(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("handler.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	for _, link := range regexp.MustCompile(`(?m)^\t(?:h =|return) (?:g\.)?(?:own\.)?(\w+)\(.*h\)|^\th = (newProxy)\(`).FindAllStringSubmatch(string(code), -1) {
		chain = append(chain, link[1]+link[2])
	}
	slices.Reverse(chain)
	_, picture, _ := strings.Cut(string(page), "flowchart TD\n")
	picture, _, _ = strings.Cut(picture, "```")
	var drawn []string
	for _, box := range regexp.MustCompile(`--> (\w+)[\[{]"(\w+): `).FindAllStringSubmatch(picture, -1) {
		if box[1] != box[2] {
			t.Errorf("the box %s is called %s", box[1], box[2])
		}
		drawn = append(drawn, box[1])
	}
	if len(chain) < 20 || !slices.Equal(chain, drawn) {
		t.Errorf("handler.go has\n%s\nand the picture\n%s", strings.Join(chain, "\n"), strings.Join(drawn, "\n"))
	}
}
