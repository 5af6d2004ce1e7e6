"""Two kept states in numbers and names."""

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.difference import DifferenceLine, Measure
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.kept_stages import KeptFunction, KeptRule, KeptStage, KeptStages
from aformity_pipelines.stages.difference.counted import lines, names


def rule(name: str, failing: int, standing: Standing = Standing.REPORTED) -> KeptRule:
    return KeptRule(
        rule=name, policy=Policy.BLOCK, standing=standing, failing=failing, accepted=0, followed=0
    )


def mapped(rows: int, *rules: KeptRule, columns: dict[str, str] | None = None) -> KeptStages:
    stage = KeptStage(
        stage="mapped",
        name="account",
        rows_in=rows,
        rows_out=rows,
        output="",
        columns=columns or {},
        gate="mapped",
        rules=rules,
    )
    return KeptStages(stages=(stage,))


def said(then: KeptStages, now: KeptStages) -> dict[str, tuple[int | None, int | None, int | None]]:
    return {
        f"{line.measure} {line.what}".strip(): (line.previous, line.current, line.diff)
        for line in lines(then, now)
    }


def test_each_number_stands_then_and_now_with_what_lies_between() -> None:
    assert said(mapped(5), mapped(7)) == {"rows": (5, 7, 2), "blockers": (0, 0, 0)}


def test_a_stage_that_only_one_side_reached_has_no_difference() -> None:
    (rows, _) = lines(KeptStages(), mapped(7))

    assert (rows.previous, rows.current, rows.diff, rows.is_different) == (None, 7, None, True)


def test_a_rule_is_counted_where_rows_break_it_then_or_now() -> None:
    then = mapped(9, rule("email.format", 3), rule("name.required", 0))
    now = mapped(9, rule("email.format", 0), rule("name.required", 0), rule("phone.format", 2))

    found = said(then, now)

    assert found["findings email.format"] == (3, 0, -3)
    assert found["findings phone.format"] == (0, 2, 2)
    assert "findings name.required" not in found


def test_a_rule_that_closes_the_gate_is_a_blocker() -> None:
    now = mapped(9, rule("name.required", 2, Standing.BLOCKED), rule("email.format", 2))

    assert said(mapped(9), now)["blockers"] == (0, 1, 1)


def test_columns_that_came_went_or_changed_type_are_named() -> None:
    then = mapped(1, columns={"name": "VARCHAR", "phone": "VARCHAR", "seats": "VARCHAR"})
    now = mapped(1, columns={"name": "VARCHAR", "seats": "INTEGER", "city": "VARCHAR"})

    found = [(each.name, each.change) for each in names(then, now)]

    assert found == [("phone", "removed"), ("seats", "changed"), ("city", "added")]


def test_a_function_is_another_one_where_its_digest_is() -> None:
    def kept(**digests: str) -> KeptStages:
        functions = tuple(
            KeptFunction(stage="mapped", subject="account", name=name, digest=digest)
            for name, digest in digests.items()
        )
        return mapped(1).model_copy(update={"functions": functions})

    then, now = kept(name="a", phone="b"), kept(name="a", phone="c")

    assert [(each.measure, each.name, each.change) for each in names(then, now)] == [
        (Measure.FUNCTIONS, "phone", "changed")
    ]
    assert said(then, now)["functions"] == (2, 2, 0)


def test_fates_are_compared_even_where_a_version_kept_nothing_else() -> None:
    then = KeptStages(fates={"account": {"exported": 4}})
    now = mapped(5).model_copy(update={"fates": {"account": {"exported": 4, "unresolved": 1}}})

    assert said(then, now) == {"fates exported": (4, 4, 0), "fates unresolved": (0, 1, 1)}


def test_a_line_without_rows_on_either_side_says_nothing_new() -> None:
    line = DifferenceLine(
        stage="mapped", subject="account", measure=Measure.BLOCKERS, previous=None, current=0
    )

    assert not line.is_different
