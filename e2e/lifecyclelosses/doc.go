// Package lifecyclelosses writes while processes of MLflow are killed at random, and looks for what was acknowledged.
package lifecyclelosses
