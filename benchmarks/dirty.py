"""A dirty delivery of any size: contacts, accounts (rows / 10) and users (rows / 200), equal for equal seeds.

What real exports hold: four date formats, spellings of nothing, quoted newlines, bad e-mails, unknown words
in closed lists, orphans and reused ids.  Made by DuckDB from hashes of row number, column and seed.
"""

from pathlib import Path

import duckdb

SEED = 20260311

FIRST = "Ana Bo Chloé Dmitri Elif Fatima Giorgos Hiro Ines Jo Kwame Lena Maïa Noor Olu Priya Quinn Rosa Søren Tomas"
LAST = "Abara Brandt Costa Duarte Eriksen Fischer García Haddad Ito Jensen Kowalski Lindqvist Müller Nguyen O'Brien Papas Raman Šimić Tanaka Vogt"
TITLES = "Head of IT|Finance lead|Buyer|Account executive|Office manager|Data engineer|CEO|Support agent"
CITIES = "Berlin|São Paulo|Wien|Kraków|Lyon|Oslo|Porto|Austin"
NOTHING = "N/A|-|NULL|"

MACROS = """
create or replace macro roll(i, k, n) as cast(hash(i, k, {seed}) % cast(n as ubigint) as bigint);
create or replace macro rare(i, k, n) as i % {every} = 0 and roll(i, k, n) = 0;
create or replace macro pick(i, k, words) as words[1 + roll(i, k, len(words))];
create or replace macro nothing(i, k) as pick(i, k, string_split('{nothing}', '|'));
create or replace macro contact_no(i) as 'C' || lpad(cast(i as varchar), 8, '0');
create or replace macro account_no(i) as lpad(cast(i as varchar), 7, '0');
create or replace macro user_mail(i) as 'user' || i || '@lumen.example';
create or replace macro a_day(i, k) as date '1955-01-01' + cast(roll(i, k, 18000) as integer);
create or replace macro dirty_day(i, k) as case roll(i, k || 'form', 20)
  when 0 then nothing(i, k || 'none') when 1 then strftime(a_day(i, k), '%d.%m.%Y')
  when 2 then strftime(a_day(i, k), '%m/%d/%Y') when 3 then strftime(a_day(i, k), '%d %b %Y')
  else strftime(a_day(i, k), '%Y-%m-%d') end;
create or replace macro phone_no(i, k) as case when rare(i, k || 'bad', 50) then 'ask reception'
  else '+49 30 ' || lpad(cast(roll(i, k, 10000000) as varchar), 7, '0') end;
"""

CONTACTS = """
select
  contact_no(case when rare(i, 'reused', 400) then roll(i, 'whose', i + 1) else i end) as "Contact No",
  pick(i, 'first', string_split('{first}', ' ')) as "First name",
  pick(i, 'last', string_split($last$, ' ')) as "Last name",
  case when rare(i, 'no mail', 20) then nothing(i, 'mail')
       when i % {every} = 0 and roll(i, 'bad mail', 1000) < 15 then 'mail' || i || ' at example'
       when rare(i, 'shared mail', 100) then 'info@company' || roll(i, 'company', 500) || '.example'
       else pick(i, 'first', string_split('{ascii}', ' ')) || '.' || i || '@company' || roll(i, 'domain', 5000) || '.example'
  end as "E-mail",
  phone_no(i, 'phone') as "Phone",
  pick(i, 'title', string_split('{titles}', '|')) as "Job title",
  case when rare(i, 'orphan', 200) then '9' || account_no(roll(i, 'lost', {rows}))
       else account_no(roll(i, 'account', {accounts})) end as "Account No",
  case when i % {every} <> 0 then 'no' else case roll(i, 'billing', 40) when 0 then nothing(i, 'bill') when 1 then 'sometimes' when 2 then 'yes' else 'no' end end
    as "Billing contact",
  dirty_day(i, 'birth') as "Birthday",
  dirty_day(i, 'met') as "Last met",
  case when rare(i, 'status', 50) then 'legacy' else pick(i, 'state', ['active', 'left', 'unknown']) end as "Status",
  cast(roll(i, 'score', 101) as varchar) as "Score",
  pick(i, 'city', string_split('{cities}', '|')) as "City",
  pick(i, 'language', ['de', 'en', 'fr', 'pt', '']) as "Language",
  case when roll(i, 'note', 50) = 0 then 'Met at the fair.' || chr(10) || 'Said: "call me, please"'
       when roll(i, 'note', 3) = 0 then 'Imported from the old list on ' || strftime(a_day(i, 'import'), '%d.%m.%Y') else 'see file ' || roll(i, 'file', 90000) end as "Notes"
from range({rows}) r(i) order by i
"""

ACCOUNTS = """
select
  account_no(i) as "Account No",
  case when rare(i, 'twin', 100) and i > 0 then 'Company ' || (i - 1) || ' GmbH' else 'Company ' || i || ' Inc' end as "Name",
  case when roll(i, 'child', 20) = 0 and i > 10 then account_no(roll(i, 'parent', i)) else '' end as "Parent",
  case when rare(i, 'owner gone', 50) then 'gone@lumen.example' else user_mail(roll(i, 'owner', {users})) end as "Owner",
  case when rare(i, 'stage?', 100) then 'Legacy' else pick(i, 'stage', ['Customer', 'Trial', 'closed', 'Lead']) end as "Stage",
  case when i % {every} = 0 then pick(i, 'industry', ['Software', 'finance', 'Health care', 'Retail', 'Mining'])
       else pick(i, 'industry', ['Software', 'finance', 'Health care', 'Retail']) end as "Industry",
  case when i % {every} = 0 then pick(i, 'country', ['Germany', 'DE', 'Österreich', 'France', 'USA', 'Brasil', 'EMEA', 'uk'])
       else pick(i, 'country', ['Germany', 'DE', 'Österreich', 'France', 'USA', 'Brasil', 'uk']) end as "Country",
  'https://company' || i || '.example' as "Website",
  phone_no(i, 'phone') as "Phone",
  lpad(cast(roll(i, 'post', 100000) as varchar), 5, '0') as "Post code",
  pick(i, 'city', string_split('{cities}', '|')) as "City"
from range({accounts}) r(i) order by i
"""

USERS = """
select
  user_mail(i) as "Email",
  pick(i, 'first', string_split('{first}', ' ')) || ' ' || pick(i, 'last', string_split($last$, ' ')) as "Name",
  case when rare(i, 'role?', 100) then 'Superuser' else pick(i, 'role', ['Admin', 'Member', 'Viewer', 'Rep']) end as "Role",
  case when i > 10 then user_mail(roll(i, 'manager', i)) else '' end as "Manager",
  account_no(roll(i, 'account', {accounts})) as "Account No",
  case when roll(i, 'active', 10) = 0 then 'no' else 'yes' end as "Active"
from range({users}) r(i) order by i
"""

FILES = {"contacts": CONTACTS, "accounts": ACCOUNTS, "users": USERS}


def write_delivery(folder: Path, rows: int, seed: int = SEED, *, every: int = 1) -> None:
    """Write `contacts.csv` (15 columns), `accounts.csv` and `users.csv`: UTF-8, comma, LF, header first.

    Only every so many rows may break a rule.
    """
    words = {
        "seed": seed,
        "every": every,
        "rows": rows,
        "accounts": max(rows // 10, 1),
        "users": max(rows // 200, 1),
        "nothing": NOTHING,
        "first": FIRST,
        "ascii": "ana bo chloe dmitri elif fatima giorgos hiro ines jo",
        "titles": TITLES,
        "cities": CITIES,
    }
    folder.mkdir(parents=True, exist_ok=True)
    last = "'" + LAST.replace("'", "''") + "'"
    with duckdb.connect() as connection:
        connection.execute(MACROS.format(**words))
        for name, select in FILES.items():
            sql = select.format(**words).replace("$last$", last)
            connection.execute(f"copy ({sql}) to '{folder / f'{name}.csv'}' (format csv, header true)")
