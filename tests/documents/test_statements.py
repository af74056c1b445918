import pytest

from trinax.documents.statements import definitions

MYSQL = """
CREATE TABLE `a` (
  `n` varchar(9) COMMENT 'it\\'s; a'
) ENGINE=InnoDB;
DELIMITER $$
CREATE DEFINER=`root`@`%` PROCEDURE p(IN a INT)
BEGIN
  SELECT 1;
  IF a THEN UPDATE t SET a = 1; END IF;
END $$
CREATE TRIGGER tr AFTER INSERT ON a FOR EACH ROW BEGIN SET @x = 1; END$$
DELIMITER ;
CREATE VIEW v AS SELECT 1;
"""
SERVER = """
CREATE PROCEDURE [dbo].[Get Orders] @id INT
AS
BEGIN
  BEGIN TRANSACTION;
  BEGIN TRY
    SELECT * FROM dbo.Orders WHERE Id = @id;
  END TRY
  BEGIN CATCH
    THROW;
  END CATCH
END
GO
CREATE OR ALTER FUNCTION dbo.Tax(@a money) RETURNS money AS
BEGIN
  DECLARE @b money;
  RETURN @a * 0.2;
END
GO
CREATE PROC dbo.Plain AS
SELECT 1;
SELECT 2;
GO
"""
ORACLE = """
CREATE OR REPLACE FUNCTION tax(p NUMBER) RETURN NUMBER IS
  v NUMBER;
BEGIN
  FOR i IN 1..3 LOOP
    v := p;
  END LOOP;
  CASE v WHEN 1 THEN NULL; END CASE;
  RETURN v;
END tax;
/
CREATE OR REPLACE PACKAGE BODY pay AS
  PROCEDURE a IS BEGIN NULL; END;
  PROCEDURE b IS BEGIN NULL; END;
END pay;
/
CREATE TYPE t AS OBJECT (a NUMBER);
"""


def _last_words(text: str) -> list[tuple[str, str]]:
    found = definitions(text)
    return [(one.name, text[one.start : one.end].split()[-1]) for one in found]


def test_delimiters_of_mysql_end_its_routines() -> None:
    assert _last_words(MYSQL) == [
        ("a", "ENGINE=InnoDB;"),
        ("p", "$$"),
        ("tr", "END$$"),
        ("v", "1;"),
    ]


def test_batches_of_sql_server_end_its_routines() -> None:
    found = [("dbo.Get Orders", "END"), ("dbo.Tax", "END"), ("dbo.Plain", "2;")]
    assert _last_words(SERVER) == found


def test_blocks_of_oracle_end_its_routines() -> None:
    assert _last_words(ORACLE) == [("tax", "tax;"), ("pay", "pay;"), ("t", "NUMBER);")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("create unique index concurrently if not exists i on t (a)", ["i"]),
        ('CREATE TEMPORARY TABLE IF NOT EXISTS "a b".c (x int)', ["a b.c"]),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", ["v"]),
        ("-- CREATE TABLE no\n/* CREATE TABLE no */ SELECT 'CREATE TABLE no'", []),
        ("CREATE TABLE a (x int)\nCREATE TABLE b (x int)", ["a", "b"]),
        ("CREATE FUNCTION f() AS $x$ BEGIN; $$;$$ END; $x$; CREATE TABLE t()", ["f", "t"]),
        ("CREATE", []),
    ],
)
def test_statements_say_what_they_create(text: str, names: list[str]) -> None:
    assert [one.name for one in definitions(text)] == names
