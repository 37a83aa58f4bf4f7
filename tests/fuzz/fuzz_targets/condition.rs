//! Any condition, with results of every kind: read or refused, and it ends.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pointsman_judge::{Value, expr::Condition};

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    Text(&'a str),
    /// By the numbers of words, so that more of it can be read.
    Words(&'a [u8]),
}

/// Words of the language.
const WORDS: &str = "result result # # #index #acc ( ) ( ) [ ] [ ] { } , , : . ?. ?: ? ?? | ; .a .b + - * / % ** .. < <= > >= == != \
    and or not in contains startsWith endsWith matches let x = x if else 0 1 2 -1 0.5 1e300 200 9007199254740993 true false nil \
    'a' 'b' 'NaN' '(a{100}){100}' '[1,{\"a\":2}]' all( any( none( one( filter( map( find( findIndex( findLast( findLastIndex( count( \
    sum( groupBy( sortBy( reduce( mean( median( min( max( first( last( len( get( take( concat( reverse( flatten( uniq( sort( keys( \
    values( toPairs( fromPairs( abs( ceil( floor( round( int( float( bitshl( bitshr( bitushr( bitnot( string( type( lower( trim( \
    split( splitAfter( join( replace( repeat( indexOf( lastIndexOf( toJSON( fromJSON( asInt( asFloat( isNaN( isInf( isNil( default(";

/// Results of every kind.
const RESULTS: &str = r#"[null, true, 7, 0.5, "a", "1e999", [], [1, 2.5, null], [[1], ["a"]], {"a": 1, "b": [2]}, [{"a": 1}, {"b": "x"}]]"#;

fuzz_target!(|input: Input<'_>| {
    let text = match input {
        Input::Text(text) => text.to_owned(),
        Input::Words(numbers) => {
            let words: Vec<&str> = WORDS.split_whitespace().collect();
            let chosen: Vec<&str> =
                numbers.iter().map(|number| words[usize::from(*number) % words.len()]).collect();
            chosen.join(" ")
        }
    };
    let Ok(condition) = text.parse::<Condition>() else { return };
    assert_eq!(condition.to_string(), text);
    let results = serde_json::from_str::<Vec<serde_json::Value>>(RESULTS).expect("JSON");
    for result in results.iter().map(Value::from).chain([Value::Float(f64::NAN)]) {
        assert_eq!(condition.holds(&result), condition.holds(&result));
    }
});
