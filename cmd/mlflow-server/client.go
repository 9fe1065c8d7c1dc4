package main

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/connect"
)

func clientCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "client",
		Usage: "print what to paste into Python, a notebook, a shell or CI to use a server",
		Description: "Prints no password but the well-known default. The address and the user come from the variables of \"serve\" and " +
			"from .env, unless they are given; a dyno of Heroku does not know its address: heroku run mlflow-server client " +
			"--url https://my-app-1234.herokuapp.com",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "url", Usage: "address under which clients reach the server"},
			&cli.StringFlag{Name: "user", Usage: "name to sign in with"},
		},
		Action: func(c *cli.Context) error {
			login, err := loginOf(c.String("url"), c.String("user"))
			if err != nil {
				return err
			}
			fmt.Fprint(c.App.Writer, login.Text())
			return nil
		},
	})
}

// loginOf fills in from the configuration what is not given; where both are, there need be none.
func loginOf(address, user string) (connect.Login, error) {
	if address != "" {
		if u, err := url.Parse(address); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
			return connect.Login{}, usageError{fmt.Errorf("--url is not of the form https://host")}
		}
		if user != "" {
			return connect.Login{URL: address, User: user}, nil
		}
	}
	environ, cfg, err := config.Read(config.Serve, ".")
	if err != nil {
		return connect.Login{}, err
	}
	login := connect.Login{URL: address, User: user}
	if user == "" {
		_, known := cfg.DefaultUser()
		login.User, login.Default = cfg.Users[0].Name, known && len(cfg.Users) == 1
	}
	if address == "" {
		login.URL, err = addressOf(cfg, config.LookupIn(environ))
	}
	return login, err
}

// addressOf is the app's on Heroku, where the platform tells its name, else the one for clients on this machine. On a dyno
// whose app has dyno metadata switched off, which is the default, nothing tells it.
// Source: https://devcenter.heroku.com/articles/dyno-metadata
func addressOf(cfg *config.Config, lookup config.Lookup) (string, error) {
	if name, _ := lookup("HEROKU_APP_DEFAULT_DOMAIN_NAME"); name != "" {
		return "https://" + name, nil
	}
	if cfg.Dyno != "" {
		return "", usageError{errors.New("a dyno does not know its app's address: " +
			"give it with --url https://my-app-1234.herokuapp.com, as \"heroku info\" shows it under Web URL")}
	}
	return cfg.LocalURL(), nil
}
