-- Names as Vietnamese sorts them: letters a ă â b c d đ e ê … first, tones second, numbers by their value.
CREATE FUNCTION vi_sort_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT translate(
        translate(
            padded,
            'àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ',
            'aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy'
        ),
        'aăâbcdđeêfghijklmnoôơpqrstuưvwxyz',
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg'
    ) || E'\x01' || translate(
        padded,
        'àằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹáắấéếíóốớúứýạặậẹệịọộợụựỵaăâeêioôơuưybcdđfghjklmnpqrstvwxz ',
        '111111111111222222222222333333333333444444444444555555555555000000000000'
    )
FROM (SELECT regexp_replace(
    regexp_replace(lower(normalize(name, NFC)), '\d+', '000000\&', 'g'), '0*(\d{6})(?!\d)', '\1', 'g') AS padded)
$$;

-- A name without case and accents, for search.
CREATE FUNCTION search_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT lower(public.unaccent('public.unaccent', normalize(name, NFC))) $$;
