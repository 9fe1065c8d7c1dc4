package provision

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A new pair of a terminal's ends (pty(7)) has no columns until somebody says how many.
func TestATerminalWithoutAWidthIsTakenForAnUsualOne(t *testing.T) {
	t.Setenv("TERM", "xterm")
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals can be made: %v", err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := ProgressFor(slave)
	p.Started("Installing")
	p.Note(strings.Repeat("a remark ", 20))
	p.Finished("Installing", strings.Repeat("a result ", 20), time.Second, 0)
	_ = slave.Close()
	sent := ""
	for buffer := make([]byte, 4096); ; {
		n, err := master.Read(buffer)
		sent += string(buffer[:n])
		if err != nil { // nobody has the other end any more
			break
		}
	}
	plain := strings.NewReplacer(green, "", dim, "", reset, "", "\r\n", "").Replace(sent)
	parts := strings.Split(plain, clearLine)
	if len(parts) < 4 {
		t.Fatalf("%q", sent)
	}
	for _, part := range parts {
		if utf8.RuneCountInString(part) > 79 {
			t.Errorf("it would wrap: %q", part)
		}
	}
}
