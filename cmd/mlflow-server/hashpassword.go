package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"mlflow-server/internal/users"
)

func hashPasswordCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "hash-password",
		Usage: "print the bcrypt hash of a password, to be put in its place into MLFLOW_TRACKING_PASSWORD",
		Description: "Asks for the password twice on a terminal, else reads one line from standard input; a password is never " +
			"an argument, since every user of a machine can read those. In .env put the hash in single quotes.",
		Flags: []cli.Flag{&cli.IntFlag{Name: "cost", Value: users.DefaultCost,
			Usage: fmt.Sprintf("bcrypt cost, %d to %d: one more doubles the time of a guess", users.MinCost, users.MaxCost)}},
		Action: func(c *cli.Context) error {
			password, err := readPassword(os.Stdin, c.App.ErrWriter)
			if err != nil {
				return err
			}
			hash, err := users.HashPassword(password, c.Int("cost"))
			if err != nil {
				return err
			}
			fmt.Fprintln(c.App.Writer, hash)
			return nil
		},
	})
}

// readPassword reads without an echo on a terminal, else one line.
func readPassword(in *os.File, prompt io.Writer) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
	}
	var typed [2]string
	for i, ask := range []string{"Password: ", "Again: "} {
		fmt.Fprint(prompt, ask)
		b, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(prompt)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ")
	}
	return typed[0], nil
}
