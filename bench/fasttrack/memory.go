package fasttrack

import (
	"context"

	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
)

// memory is that of all processes of each server, and of the one that answers natively.
func (b *bench) memory(context.Context) error {
	var all []float64
	for _, s := range b.all {
		tree, err := process.Tree(s.PID())
		if err != nil {
			return err
		}
		bytes, err := process.PSS(tree)
		if err != nil {
			return err
		}
		all = append(all, float64(bytes)/(1<<20))
	}
	for n := range b.all {
		if n != on {
			b.result.Figures = append(b.result.Figures, result.Beside("memory of all processes after that, beside "+b.all[n].name, "MB",
				result.Of(b.all[on].name, all[on]), result.Of(b.all[n].name, all[n])))
		}
	}
	own := make([]float64, 2)
	for n := range own {
		tree, err := process.Tree(b.all[n].PID())
		if err != nil {
			return err
		}
		bytes, err := process.PSS(tree[:1])
		if err != nil {
			return err
		}
		own[n] = float64(bytes) / (1 << 20)
	}
	b.result.Figures = append(b.result.Figures, result.Beside("memory of the launcher, which is the process that answers natively", "MB",
		result.Of(b.all[on].name, own[on]), result.Of(b.all[off].name, own[off])))
	return nil
}
