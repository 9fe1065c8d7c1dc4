package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/bench/result"
	"mlflow-server/bench/stats"
	"mlflow-server/internal/users"
)

// The costs of the hashes among which logins are timed: low, so that thousands of attempts end in a minute. The time is
// proportional to the highest one, whatever it is.
const (
	lowCost  = 4
	highCost = 6
)

// timing measures what an attempt costs that is not remembered, by whose name is tried and whether it is right.
func timing(ctx context.Context, o Scale, r *result.Result) error {
	const right = "the right password"
	low, err := bcrypt.GenerateFromPassword([]byte(right), lowCost)
	if err != nil {
		return err
	}
	high, err := bcrypt.GenerateFromPassword([]byte(right), highCost)
	if err != nil {
		return err
	}
	accounts := users.Accounts{Credentials: []users.Credential{
		{Name: "plain", Password: right}, {Name: "low", Password: string(low)}, {Name: "high", Password: string(high)},
	}}
	kinds := []struct {
		what, name, password string
		want                 users.Verdict
	}{
		{"an unknown user", "nobody", "x", users.Wrong},
		{"a wrong password, plain", "plain", "x", users.Wrong},
		{"a wrong password, low cost", "low", "x", users.Wrong},
		{"a wrong password, highest cost", "high", "x", users.Wrong},
		{"the right password, low cost", "low", right, users.Right},
		{"the right password, highest cost", "high", right, users.Right},
	}
	took := make([][]float64, len(kinds))
	for i := range o.Attempts {
		for k := range kinds {
			n := (k + i) % len(kinds)
			// A new one each time: what has been verified is remembered.
			directory, err := users.NewDirectory(accounts, nil)
			if err != nil {
				return err
			}
			c := kinds[n]
			began := time.Now()
			got := directory.Verify(ctx, c.name, c.password)
			took[n] = append(took[n], float64(time.Since(began).Microseconds())/1000)
			if got != c.want {
				return fmt.Errorf("%s: %v", c.what, got)
			}
		}
	}
	worst := 0.0
	unknown := stats.Of(took[0]).Median
	for n, c := range kinds[1:] {
		worst = max(worst, math.Abs(stats.Of(took[n+1]).Median/unknown-1)*100)
		r.Figures = append(r.Figures, result.Beside("time of a login with "+c.what, "ms", result.Of(c.what, blocks(took[n+1])...), result.Of("an unknown user", blocks(took[0])...)))
	}
	r.Figures = append(r.Figures, result.Alone("largest difference of these medians to an unknown user's, all attempts", "%", result.Of("logins", worst)).ValueAtMost(5))
	r.Setup = append(r.Setup, fmt.Sprintf("Logins: %d of each kind in turns, none remembered, among a plain password and hashes of cost %d and %d; medians of tenths.",
		o.Attempts, lowCost, highCost))
	return nil
}

// blocks are the medians of ten parts of the samples, in the order in which they were taken.
func blocks(samples []float64) (medians []float64) {
	for part := range slices.Chunk(samples, max(1, len(samples)/10)) {
		medians = append(medians, stats.Of(part).Median)
	}
	return medians
}
