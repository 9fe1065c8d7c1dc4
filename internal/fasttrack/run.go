package fasttrack

// run is a row of the table runs, as far as answers show it.
type run struct {
	id                            string
	name, user, status, artifacts *string
	stage                         *string
	start, end                    *int64
	experiment                    *string
}

const runColumns = `run_uuid, name, user_id, status, artifact_uri, lifecycle_stage, start_time, end_time, experiment_id::text`

func (r *run) columns() []any {
	return []any{&r.id, &r.name, &r.user, &r.status, &r.artifacts, &r.stage, &r.start, &r.end, &r.experiment}
}

// plain says whether the row is one that MLflow shows as it is: without a name it takes that from a tag, and without some
// of the others it fails.
func (r *run) plain() bool {
	return r.name != nil && *r.name != "" && r.user != nil && r.status != nil && statuses[*r.status] && r.stage != nil &&
		r.start != nil && r.experiment != nil
}

// info writes the message RunInfo; its fields are in the order of their numbers.
func (r *run) info(w *writer) {
	w.open('{')
	w.str("run_uuid", r.id)
	w.str("experiment_id", *r.experiment)
	w.str("run_name", *r.name)
	w.str("user_id", *r.user)
	w.str("status", *r.status)
	w.int("start_time", *r.start)
	if r.end != nil && *r.end != 0 {
		w.int("end_time", *r.end)
	}
	if r.artifacts != nil && *r.artifacts != "" {
		w.str("artifact_uri", *r.artifacts)
	}
	w.str("lifecycle_stage", *r.stage)
	w.str("run_id", r.id)
	w.close('}')
}
