package launcher

import (
	"log/slog"
	"net/http"
	"sync"

	"mlflow-server/internal/artifacts"
	"mlflow-server/internal/gate"
)

// cleanupTimeout is what transfers that outlast the drain get to take their traces out of the store. MLflow stops
// meanwhile.
const cleanupTimeout = stopTimeout

// artifactRooms is the room that answers artifact requests in MLflow's place, where the configuration asks for one.
func artifactRooms(o Options, mlflow http.RoundTripper, forced <-chan struct{}) (rooms []gate.Room, leave func(), err error) {
	if o.Config.Capacity.EphemeralArtifacts {
		rooms = append(rooms, ephemeral{})
	}
	if !o.Config.Service.Native {
		return rooms, func() {}, nil
	}
	room, err := artifacts.New(artifacts.Options{
		Artifacts: o.Config.Artifacts, Service: o.Config.Service, Directory: o.Config.DataDir, MLflow: mlflow, Log: o.Log,
		OneUser: len(o.Config.Users) == 1 && o.Config.UsersFile == "", // a file can get more
	})
	if err != nil {
		return nil, nil, err
	}
	return append(rooms, room), sync.OnceFunc(func() { leaveRoom(room, forced, o.Log) }), nil
}

func leaveRoom(room *artifacts.Room, forced <-chan struct{}, log *slog.Logger) {
	ctx, cancel := until(forced, cleanupTimeout)
	defer cancel()
	if err := room.Close(ctx); err != nil {
		log.Warn("uploads that are not finished, if there are any, are left for the next start to sweep", "cause", err)
	}
}
