"""What is proposed for a text: its grammar, its tables and headers, and what is asked rather than guessed."""

from pathlib import Path

import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.refusal import NotUnderstood, QuestionKind
from aformity_pipelines.intake.text import sample
from aformity_pipelines.intake.text.encoding import as_utf8
from aformity_pipelines.intake.text.plan import LineEnd, Proposal
from aformity_pipelines.intake.text.propose import propose

PEOPLE = (
    ("id", "name", "born", "city"),
    ("71", "Ann Lee", "1990-01-31", "York"),
    ("12", "Bo Ek", "1985-12-01", "Lund"),
    ("35", "Cy Day", "1971-07-14", "Bath"),
    ("48", "Di Orr", "1969-03-02", "Cork"),
    ("59", "Ed Fox", "2001-11-11", "Hull"),
)
HEADERS = PEOPLE[0]


def written(rows=PEOPLE, delimiter: str = ",", end: str = "\n", quote: str = "") -> str:
    return "".join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) + end for row in rows)


@pytest.fixture
def proposed(tmp_path: Path):
    def propose_text(content: str | bytes, **hints: object) -> Proposal:
        file = tmp_path / "people.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        told = FormatHints.model_validate(hints)
        text = as_utf8(file, told.encoding, scratch=tmp_path / "people.utf8", name="people.csv")
        return propose(text, told, name="people.csv")

    return propose_text


def hints_of(proposal: Proposal) -> dict[str, object]:
    together = FormatHints()
    for question in proposal.questions:
        together = together.over(question.proposal)
    return together.model_dump(exclude_defaults=True)


def kinds(proposal: Proposal) -> list[QuestionKind]:
    return [question.kind for question in proposal.questions]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|", ":", "~", "^", "%", "\x1f", "||", "\t\t", "::", r"\t"]
)
def test_a_clean_table_needs_no_question(proposed, delimiter: str, quote: str, end: str) -> None:
    proposal = proposed(written(delimiter=delimiter, quote=quote, end=end))
    assert proposal.questions == ()
    (plan,) = proposal.plans
    assert (plan.grammar.delimiter.decode(), plan.headers, plan.header_row, plan.first_row) == (
        delimiter,
        HEADERS,
        1,
        2,
    )
    assert plan.grammar.line_end == {"\n": LineEnd.LF, "\r\n": LineEnd.CRLF, "\r": LineEnd.CR}[end]
    assert plan.last_row is None


def test_a_space_separates_words_only_where_every_record_has_as_many(proposed) -> None:
    rows = [tuple(cell.replace(" ", "_") for cell in row) for row in PEOPLE]
    assert proposed(written(rows, " ")).plans[0].grammar.delimiter == b" "
    prose = "A first line of words\nand another one which is longer\nshort\nand so it goes on, and on\n"
    assert proposed(prose).plans[0].grammar.delimiter == b""


def test_decimal_commas_do_not_make_a_comma_the_delimiter(proposed) -> None:
    text = "id;price;tax\n1;10,50;1,05\n2;7,00;0,70\n3;8,25;0,83\n"
    proposal = proposed(text)
    assert (proposal.plans[0].grammar.delimiter, proposal.questions) == (b";", ())


def test_commas_in_quotes_do_not_count(proposed) -> None:
    text = 'id;name\n1;"Lee, Ann, Dr, York"\n2;"Ek, Bo"\n3;Day\n'
    assert proposed(text).plans[0].grammar.delimiter == b";"


def test_mixed_line_ends_are_read_without_a_question(proposed) -> None:
    text = "id,name\r\n1,Ann\r\n2,Bo\n3,Cy\r\n4,Di\n"
    proposal = proposed(text)
    assert (proposal.plans[0].grammar.line_end, proposal.questions) == (LineEnd.MIXED, ())


def test_line_ends_in_quotes_do_not_count(proposed) -> None:
    text = 'id,note\r\n1,"a\nb"\r\n2,"c\nd"\r\n'
    assert proposed(text).plans[0].grammar.line_end == LineEnd.CRLF


def test_one_bare_cr_in_many_lines_is_no_line_end(proposed) -> None:
    text = "id,note\n" + "".join(f"{n},ok\n" for n in range(200)) + "201,a\rb\n"
    assert proposed(text).plans[0].grammar.line_end == LineEnd.LF


def test_single_quotes_are_found_where_they_quote(proposed) -> None:
    text = "id,name,city\n1,'Lee, Ann',York\n2,'Ek, Bo',Lund\n3,'Day, Cy',Bath\n"
    proposal = proposed(text)
    assert (proposal.plans[0].grammar.quote, proposal.questions) == (b"'", ())


def test_apostrophes_in_names_are_no_quotes(proposed) -> None:
    text = "id,name\n1,O'Neil\n2,'t Hooft\n3,D'Arcy\n"
    assert proposed(text).plans[0].grammar.quote == b'"'


def test_backslashes_before_quotes_are_found(proposed) -> None:
    text = 'id,name,size\n1,"a \\"b\\" c",3\n2,"10\\" pipe, red",4\n3,"plain, yes",5\n'
    proposal = proposed(text)
    assert (proposal.plans[0].grammar.escape, proposal.questions) == (b"\\", ())


def test_a_single_backslash_before_a_quote_is_asked_about(proposed) -> None:
    text = 'id,name,size\n1,"a ""b"" c",3\n2,"10\\" pipe, red",4\n3,"plain, yes",5\n'
    proposal = proposed(text)
    assert proposal.plans[0].grammar.escape == b"" or kinds(proposal) == [QuestionKind.DIALECT]


def test_quotes_that_never_enclose_a_cell_are_asked_about(proposed) -> None:
    text = 'id\tname\tsize\n1\tpipe 3"\t3\n2\tpipe 4"\t4\n3\tpipe 5"\t5\n4\trod 6" long\t7\n'
    proposal = proposed(text)
    assert hints_of(proposal) == {"quote": ""}


def test_a_space_behind_every_delimiter_is_asked_about(proposed) -> None:
    proposal = proposed(written(delimiter=", "))
    assert hints_of(proposal) == {"delimiter": ", "}
    assert proposal.plans[0].headers == HEADERS


def test_quotes_behind_the_space_settle_it(proposed) -> None:
    proposal = proposed(written(delimiter=", ", quote='"'))
    assert (proposal.plans[0].grammar.delimiter, proposal.questions) == (b", ", ())


@pytest.mark.parametrize("damage", [('"', 0), (",", 0), (",", 5), ('"', 7)])
def test_one_damaged_record_changes_nothing(proposed, damage) -> None:
    sign, at = damage
    lines = written([*PEOPLE, *PEOPLE[1:] * 4]).splitlines(keepends=True)
    lines[9] = lines[9][:at] + sign + lines[9][at:]
    proposal = proposed("".join(lines))
    assert proposal.questions == ()
    assert (proposal.plans[0].headers, proposal.plans[0].last_row) == (HEADERS, None)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (",id,name,born,city", HEADERS),
        ("id,name,born,city,", HEADERS),
        ("idname,born,city", ("idname", "born", "city", "")),
        ("id name born city", HEADERS),
        ("id;name;born;city", HEADERS),
        ('"id,name,born,city', ('"id', "name", "born", "city")),
    ],
)
def test_a_damaged_header_is_asked_about(proposed, header: str, names: tuple[str, ...]) -> None:
    proposal = proposed(header + "\n" + written(PEOPLE[1:]))
    assert kinds(proposal) == [QuestionKind.HEADER]
    assert (proposal.plans[0].headers, proposal.plans[0].first_row) == (names, 2)


def test_numbered_rows_lack_their_name_in_front(proposed) -> None:
    text = "name,city,age\n" + "".join(f"{n},Ann,York,{40 + n}\n" for n in range(1, 9))
    assert proposed(text).plans[0].headers == ("", "name", "city", "age")


def test_a_text_without_a_header_is_asked_about(proposed) -> None:
    proposal = proposed(written(PEOPLE[1:]))
    assert hints_of(proposal) == {"header_row": 0}
    assert proposal.plans[0].headers == ("col_0", "col_1", "col_2", "col_3")
    assert (proposal.plans[0].header_row, proposal.plans[0].first_row) == (0, 1)


def test_texts_only_leave_the_header_in_doubt_unless_its_names_are_usual(proposed) -> None:
    assert kinds(proposed("red,tall\nblue,low\ngreen,high\n")) == [QuestionKind.HEADER]
    assert proposed("name,city\nAnn,York\nBo,Lund\n").questions == ()


def test_a_header_alone_is_a_table_without_records(proposed) -> None:
    proposal = proposed("id,first_name,email\n")
    assert (proposal.questions, proposal.plans[0].headers) == ((), ("id", "first_name", "email"))


@pytest.mark.parametrize(
    "titles", ["Report\n", "Report\n\n", "Report\nof, as it is, today\n\n", ",,,\n\n", "Report,,,\n,,,\n"]
)
def test_titles_above_a_plain_header_need_no_question(proposed, titles: str) -> None:
    proposal = proposed(titles + written())
    assert proposal.questions == ()
    assert (proposal.plans[0].headers, proposal.plans[0].header_row) == (HEADERS, titles.count("\n") + 1)


def test_a_single_padded_title_right_above_may_be_part_of_the_header(proposed) -> None:
    proposal = proposed("Report,,,\n" + written())
    assert hints_of(proposal) == {"header_row": 2}


def test_a_row_of_several_cells_above_the_header_is_asked_about(proposed) -> None:
    proposal = proposed("from,2020-01-01,,\n" + written())
    assert hints_of(proposal) == {"header_row": 2}


def test_a_repeated_header_row_is_asked_about(proposed) -> None:
    proposal = proposed(written((HEADERS, *PEOPLE)))
    assert hints_of(proposal) == {"header_row": 1, "header_rows": 2}
    assert proposal.plans[0].headers == ("id id", "name name", "born born", "city city")


def test_names_that_span_columns_go_over_the_names_below_them(proposed) -> None:
    text = "Date,Travel,,Total\n,Air,Rail,\n2020-01-01,10,20,30\n2020-01-02,11,21,32\n"
    proposal = proposed(text)
    assert hints_of(proposal) == {"header_row": 1, "header_rows": 2}
    assert proposal.plans[0].headers == ("Date", "Travel Air", "Travel Rail", "Total")


def test_notes_below_end_the_table(proposed) -> None:
    proposal = proposed(written() + "\nSource: the register\n")
    assert (proposal.questions, proposal.plans[0].last_row) == ((), 6)


def test_notes_of_several_cells_behind_a_gap_end_the_table(proposed) -> None:
    proposal = proposed(written() + "\nSource: the register, as of 2020, and Bo\n")
    assert (proposal.questions, proposal.plans[0].last_row) == ((), 6)


def test_one_short_record_of_a_few_is_damage(proposed) -> None:
    assert proposed("id,name\n1,Ann\n2\n3,Cy\n").questions == ()


def test_two_delimiters_that_both_cut_every_record_are_asked_about(proposed) -> None:
    assert kinds(proposed("a,b;c\n1,2;3\n4,5;6\n"))[0] == QuestionKind.DIALECT


def test_names_with_bytes_of_another_encoding_are_refused(proposed) -> None:
    with pytest.raises(NotUnderstood, match="names in the header hold bytes that are no UTF-8"):
        proposed("näme,x\n1,ö\n".encode("cp1252"), encoding="utf-8")


def test_padded_notes_right_below_are_asked_about(proposed) -> None:
    proposal = proposed(written() + "Source: the register,,,\n")
    assert hints_of(proposal) == {"last_row": 6}
    assert kinds(proposal) == [QuestionKind.RECORDS]


def test_a_second_header_begins_another_table(proposed) -> None:
    proposal = proposed(written() + written())
    assert [(plan.header_row, plan.first_row, plan.last_row) for plan in proposal.plans] == [
        (1, 2, 6),
        (7, 8, None),
    ]


def test_one_row_said_again_and_again_is_no_header_and_begins_no_table(proposed) -> None:
    proposal = proposed("valid,ok,valid\n" * 20)
    (plan,) = proposal.plans
    assert (plan.header_row, plan.header_rows) == (0, 0)


def test_tables_apart_by_a_blank_line_are_found(proposed) -> None:
    proposal = proposed(written() + "\nPlaces\nplace,inhabitants\nYork,210000\nLund,90000\n")
    first, second = proposal.plans
    assert (first.last_row, second.headers, second.header_row) == (6, ("place", "inhabitants"), 9)


def test_a_table_of_another_width_without_a_gap_is_found(proposed) -> None:
    proposal = proposed(written() + "place,inhabitants\nYork,210000\nLund,90000\nBath,94000\nCork,222000\n")
    assert [plan.headers for plan in proposal.plans] == [HEADERS, ("place", "inhabitants")]


def test_a_blank_line_among_records_ends_nothing(proposed) -> None:
    lines = written().splitlines(keepends=True)
    proposal = proposed("".join([*lines[:3], "\n", *lines[3:]]))
    assert (len(proposal.plans), proposal.plans[0].last_row, proposal.questions) == (1, None, ())


def test_mostly_short_records_are_asked_about(proposed) -> None:
    text = "id,name,city,note,tag\n1,Ann,York\n2,Bo,Lund\n3,Cy,Bath,late,x\n4,Di,Cork\n"
    proposal = proposed(text)
    assert "short_records" in hints_of(proposal)


def test_lines_between_records_that_begin_with_a_hash_are_asked_about(proposed) -> None:
    lines = written().splitlines(keepends=True)
    proposal = proposed("".join([*lines[:3], "# checked by Bo\n", *lines[3:]]))
    assert hints_of(proposal) == {"comment": "#"}


def test_a_hash_in_front_of_a_value_is_no_comment(proposed) -> None:
    proposal = proposed("tag,n\n#1,1\n#2,2\n#3,3\n")
    assert (proposal.plans[0].grammar.comment, proposal.questions) == (b"", ())


def test_one_column_is_read_as_one(proposed) -> None:
    proposal = proposed("email\nann@example.com\nbo@example.com\n")
    assert (proposal.plans[0].headers, proposal.plans[0].grammar.delimiter) == (("email",), b"")


@pytest.mark.parametrize("content", ["", "\n\n", " \r\n\t\r\n"])
def test_a_blank_text_is_refused(proposed, content: str) -> None:
    with pytest.raises(NotUnderstood, match="blank"):
        proposed(content)


def test_a_header_row_that_is_not_there_is_refused(proposed) -> None:
    with pytest.raises(NotUnderstood, match="row 9 should be the header"):
        proposed(written(), header_row=9)


LONG = (HEADERS, *PEOPLE[1:] * 200)


@pytest.fixture
def small_sample(monkeypatch) -> None:
    """Only so little is looked at from the start of a text, and from its end, that `LONG` is longer."""
    monkeypatch.setattr(sample, "HEAD_BYTES", 1 << 13)
    monkeypatch.setattr(sample, "TAIL_BYTES", 1 << 11)


@pytest.mark.usefixtures("small_sample")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_notes_below_a_long_table_are_found_as_below_a_short_one(proposed, end: str) -> None:
    long = written(LONG, end=end)
    plain, padded, apart = (
        proposed(long + below.replace("\n", end))
        for below in ("", "Source: the register,,,\n", "\nSource: the register\n")
    )
    assert (plain.plans[0].last_row, plain.questions) == (None, ())
    assert (hints_of(padded), padded.plans[0].last_row) == ({"last_row": len(LONG)}, len(LONG))
    assert (apart.plans[0].last_row, apart.questions) == (len(LONG), ())


@pytest.mark.usefixtures("small_sample")
def test_what_looks_like_a_note_where_the_sample_is_cut_ends_nothing(proposed) -> None:
    lines = written(LONG).splitlines(keepends=True)
    size, at = 0, 0
    while size + len(lines[at]) < sample.HEAD_BYTES:
        size, at = size + len(lines[at]), at + 1
    lines[at - 1] = "a note,,,\n"
    proposal = proposed("".join(lines))
    assert (len(proposal.plans), proposal.plans[0].last_row, proposal.questions) == (1, None, ())


def test_a_last_row_above_the_table_is_refused(proposed) -> None:
    with pytest.raises(NotUnderstood, match="row 2 should be the table's last but stands above row 3"):
        proposed("Report\n\n" + written(), header_row=3, last_row=2)
    with pytest.raises(NotUnderstood, match="row 1 should be the table's last but stands above row 2"):
        proposed("\n" + written(), last_row=1)


def test_a_told_delimiter_that_is_nowhere_is_refused_where_another_one_separates(proposed) -> None:
    with pytest.raises(NotUnderstood, match="should be ';' but stands nowhere; ',' gives 4 columns"):
        proposed(written(), delimiter=";")


def test_a_told_delimiter_that_is_nowhere_makes_one_column_where_none_separates(proposed) -> None:
    proposal = proposed("email\nann@example.com\nbo@example.com\n", delimiter=";")
    assert (proposal.plans[0].headers, proposal.questions) == (("email",), ())


DOUBTFUL = (
    written(PEOPLE[1:]),
    written(delimiter=", "),
    "Report,,,\n" + written(),
    written((HEADERS, *PEOPLE)),
    written() + "Source: the register,,,\n",
    "id;name;born;city\n" + written(PEOPLE[1:]),
    "id name born city\n" + written(PEOPLE[1:]),
    ",id,name,born,city\n" + written(PEOPLE[1:]),
    "id,name,city,note,tag\n1,Ann,York\n2,Bo,Lund\n3,Cy,Bath,late,x\n4,Di,Cork\n",
    'id\tname\tsize\n1\tpipe 3"\t3\n2\tpipe 4"\t4\n3\tpipe 5"\t5\n4\trod 6" long\t7\n',
    "Date,Travel,,Total\n,Air,Rail,\n2020-01-01,10,20,30\n2020-01-02,11,21,32\n",
    "red,tall\nblue,low\ngreen,high\n",
    "name,place\nLee\x92s,York\n",
)


@pytest.mark.parametrize("text", DOUBTFUL)
def test_taking_every_proposal_asks_nothing_more_and_reads_the_same(proposed, text: str) -> None:
    first = proposed(text)
    assert first.questions
    again = proposed(text, **hints_of(first))
    assert again.questions == ()
    assert again.plans == first.plans
