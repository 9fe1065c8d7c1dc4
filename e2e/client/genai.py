"""Traces, assessments, prompts and evaluation datasets."""

import mlflow
import mlflow.genai
import mlflow.genai.datasets as datasets
from groups import fresh, group, raises
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, SpanType


def traced(question):
    """One trace with three spans."""

    @mlflow.trace(span_type=SpanType.RETRIEVER)
    def retrieve(q):
        return [{"page_content": q, "metadata": {"doc_uri": "a"}}]

    with mlflow.start_span(name="answer", span_type=SpanType.CHAIN) as span:
        span.set_inputs({"question": question})
        span.set_attribute("model", "none")
        retrieve(question)
        with mlflow.start_span(name="generate", span_type=SpanType.LLM) as inner:
            inner.set_outputs("42 – zweiundvierzig")
        span.set_outputs({"answer": "42"})
    mlflow.flush_trace_async_logging()
    return span.trace_id


@group
def traces():
    client = MlflowClient()
    experiment = mlflow.set_experiment(fresh("traces")).experiment_id
    ids = [traced(f"question {i}") for i in range(3)]
    trace = mlflow.get_trace(ids[0])
    assert [s.name for s in trace.data.spans] == ["answer", "retrieve", "generate"], trace.data.spans
    assert trace.data.spans[0].inputs == {"question": "question 0"}
    assert trace.data.spans[2].outputs == "42 – zweiundvierzig"
    assert trace.info.state == "OK" and trace.info.experiment_id == experiment

    page = client.search_traces(locations=[experiment], max_results=2, order_by=["timestamp_ms ASC"])
    rest = client.search_traces(locations=[experiment], max_results=2, order_by=["timestamp_ms ASC"], page_token=page.token)
    assert [t.info.trace_id for t in page + rest] == ids

    client.set_trace_tag(ids[1], "reviewed", "yes")
    found = mlflow.search_traces(locations=[experiment], filter_string="tags.reviewed = 'yes'", return_type="list")
    assert [t.info.trace_id for t in found] == [ids[1]]
    client.delete_trace_tag(ids[1], "reviewed")
    assert "reviewed" not in mlflow.get_trace(ids[1]).info.tags

    assert client.delete_traces(experiment, trace_ids=ids[:2]) == 2
    left = mlflow.search_traces(locations=[experiment], return_type="list")
    assert [t.info.trace_id for t in left] == ids[2:]


@group
def failing_trace():
    mlflow.set_experiment(fresh("failing-trace"))
    try:
        with mlflow.start_span(name="broken") as span:
            raise RuntimeError("on purpose")
    except RuntimeError:
        pass
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(span.trace_id)
    assert trace.info.state == "ERROR" and "on purpose" in str(trace.data.spans[0].events[0].attributes)


@group
def assessments():
    mlflow.set_experiment(fresh("assessments"))
    trace = traced("is it good?")
    human = AssessmentSource(source_type="HUMAN", source_id="reviewer@example.com")
    feedback = mlflow.log_feedback(trace_id=trace, name="correct", value=True, rationale="ja, schön", source=human)
    mlflow.log_expectation(trace_id=trace, name="expected", value={"answer": "42"}, source=human)
    stored = mlflow.get_assessment(trace, feedback.assessment_id)
    assert stored.value is True and stored.rationale == "ja, schön" and stored.source.source_id == "reviewer@example.com"
    override = mlflow.override_feedback(trace_id=trace, assessment_id=feedback.assessment_id, value=False, source=human)
    named = {a.assessment_id: a for a in mlflow.get_trace(trace).info.assessments}
    assert len(named) == 3 and named[override.assessment_id].value is False, named
    mlflow.delete_assessment(trace_id=trace, assessment_id=override.assessment_id)
    assert len(mlflow.get_trace(trace).info.assessments) == 2


@group
def prompts():
    name = fresh("prompt")
    mlflow.genai.register_prompt(name=name, template="Translate {{text}}", commit_message="first", tags={"lang": "de"})
    mlflow.genai.register_prompt(name=name, template=[{"role": "user", "content": "Übersetze {{text}}"}])
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1").format(text="x") == "Translate x"
    mlflow.genai.set_prompt_alias(name, "production", 2)
    loaded = mlflow.genai.load_prompt(f"prompts:/{name}@production")
    assert loaded.version == 2 and loaded.format(text="y")[0]["content"] == "Übersetze y"
    assert [p.name for p in mlflow.genai.search_prompts(f"name = '{name}'")] == [name]
    mlflow.genai.set_prompt_tag(name, "team", "e2e")
    assert mlflow.genai.get_prompt_tags(name)["team"] == "e2e"
    mlflow.genai.delete_prompt_alias(name, "production")
    client = MlflowClient()
    raises("INVALID_PARAMETER_VALUE", client.get_prompt_version_by_alias, name, "production")
    client.delete_prompt_version(name, "2")
    client.delete_prompt_version(name, "1")
    client.delete_prompt(name)
    assert list(mlflow.genai.search_prompts(f"name = '{name}'")) == []


@group
def evaluation_datasets():
    experiment = mlflow.set_experiment(fresh("datasets")).experiment_id
    name = fresh("dataset")
    dataset = datasets.create_dataset(name=name, experiment_id=experiment, tags={"kind": "e2e"})
    dataset.merge_records(
        [
            {"inputs": {"question": "6 × 7"}, "expectations": {"answer": "42"}},
            {"inputs": {"question": "2 + 2"}, "expectations": {"answer": "4"}, "tags": {"easy": "yes"}},
        ]
    )
    dataset.merge_records([{"inputs": {"question": "2 + 2"}, "expectations": {"hint": "even"}}])
    records = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert len(records) == 2, records
    by_question = {i["question"]: e for i, e in zip(records["inputs"], records["expectations"])}
    assert by_question["6 × 7"] == {"answer": "42"} and by_question["2 + 2"] == {"answer": "4", "hint": "even"}, by_question
    found = datasets.search_datasets(experiment_ids=[experiment], filter_string=f"name = '{name}'")
    assert [d.dataset_id for d in found] == [dataset.dataset_id]
    datasets.set_dataset_tags(dataset_id=dataset.dataset_id, tags={"reviewed": "yes"})
    assert datasets.get_dataset(dataset_id=dataset.dataset_id).tags["reviewed"] == "yes"
    datasets.delete_dataset(dataset_id=dataset.dataset_id)
    raises("RESOURCE_DOES_NOT_EXIST", datasets.get_dataset, dataset_id=dataset.dataset_id)


@group
def dataset_inputs():
    client = MlflowClient()
    experiment = mlflow.set_experiment(fresh("inputs")).experiment_id
    import pandas

    source = mlflow.data.from_pandas(pandas.DataFrame({"x": [1, 2]}), name="train")
    with mlflow.start_run() as active:
        mlflow.log_input(source, context="training")
    inputs = client.get_run(active.info.run_id).inputs.dataset_inputs
    assert [(i.dataset.name, i.tags[0].value) for i in inputs] == [("train", "training")]
    assert len(client.search_runs([experiment], "datasets.name = 'train'")) == 1
