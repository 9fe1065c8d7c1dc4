package provision

import (
	"fmt"
	"os"
	"testing"
	"time"
)

type pr struct{}

func (pr) Started(s string)                               { fmt.Println("START", s) }
func (pr) Note(s string)                                  { fmt.Println("  note", s) }
func (pr) Downloaded(a, b int64)                          {}
func (pr) Finished(s, r string, t time.Duration, n int64) { fmt.Println("DONE", s, r, t, n/1e6) }
func (pr) Failed(s string, t time.Duration)               { fmt.Println("FAILED", s, t) }
func TestZZ(t *testing.T) {
	r, err := Install(t.Context(), Options{Dir: os.Getenv("ZZDIR"), Progress: pr{}})
	fmt.Println(r, err)
	fmt.Println(Find(""))
}
