package process

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// FreePort picks a loopback port below the range from which systems hand them out by themselves, so that no connection takes
// it before the program that it is for does.
func FreePort() (int, error) {
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port found in 100 attempts")
}
