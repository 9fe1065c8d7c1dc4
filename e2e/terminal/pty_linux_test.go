package terminal

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mlflow-server/e2e/harness"
)

// columns is how wide the terminal of the tests is.
const columns = 80

// limit is for one command on a busy machine; MLflow is installed before.
const limit = 3 * time.Minute

// onTerminal runs the program on a terminal and returns what that was sent, and the exit code. The command is interrupted, as
// by Ctrl-C, once it has written enough; "" waits for its end.
func onTerminal(t *testing.T, environ []string, enough string, args ...string) (sent string, code int) {
	t.Helper()
	master, slave := openTerminal(t)
	defer master.Close()
	command := exec.CommandContext(t.Context(), harness.Binary(t), args...)
	command.Dir, command.Env = t.TempDir(), environ
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err := command.Start()
	_ = slave.Close()
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(limit, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	var b strings.Builder
	interrupted := false
	for buffer := make([]byte, 4096); ; {
		n, err := master.Read(buffer)
		b.Write(buffer[:n])
		if !interrupted && enough != "" && strings.Contains(b.String(), enough) {
			interrupted = true
			_, _ = io.WriteString(master, "\x03")
		}
		if err != nil { // EIO: nobody has the other end any more
			break
		}
	}
	err = command.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return b.String(), command.ProcessState.ExitCode()
}

// openTerminal makes a pair of a terminal's ends (pty(7)).
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		harness.Missing(t, "no terminals can be made: %v", err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
