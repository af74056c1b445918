import pytest

from trinax.index.languages import language


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The cat sat on the mat because it was warm.", "en"),
        ("El gato se sentó en la alfombra porque estaba caliente.", "es"),
        ("Le chat s'est assis sur le tapis parce qu'il était chaud.", "fr"),
        ("Die Katze saß auf der Matte, weil sie warm war.", "de"),
        ("O gato não se sentou no tapete porque já estava com calor.", "pt"),
        ("Il gatto si è seduto sul tappeto perché era caldo.", "it"),
        ("De kat zat op de mat omdat het warm was.", "nl"),
        ("Кошка села на коврик, потому что он был тёплым.", "ru"),
        ("猫坐在垫子上,因为它很暖和。", "zh"),
        ("猫は暖かいのでマットの上に座った。", "ja"),
        ("고양이는 따뜻해서 매트 위에 앉았다.", "ko"),
        ("แมวนั่งบนเสื่อเพราะมันอบอุ่น", "th"),
        ("Η γάτα κάθισε στο χαλί.", "el"),
        ("", ""),
        ("1234 5678 !?", ""),
        ("x = f(d, s, n); c = d[s]; l = t * m", ""),
        ("zorp blick fnord", ""),
    ],
)
def test_a_language_is_told_by_script_and_commonest_words(text: str, found: str) -> None:
    assert language(text) == found
