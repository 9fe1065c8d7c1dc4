package launcher

import (
	"mlflow-server/internal/assets"
	"mlflow-server/internal/provision"
)

// openAssets lets the room serve the user interface of a locked MLflow. How another version wants its files to be served
// is its own business: there they are MLflow's to send.
func openAssets(room *assets.Room, r provision.Runtime, o Options) {
	if !r.Locked {
		return
	}
	if err := room.Open(assets.SourceDir(r.SitePackages), r.UIDir()); err != nil {
		o.Log.Warn("MLflow sends its user interface itself, slowly: the files cannot be read", "cause", err)
	}
}
