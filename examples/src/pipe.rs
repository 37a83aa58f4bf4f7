//! Output that nobody reads to its end.

/// The status of a program that wrote to a closed pipe, as a shell tells it.
pub const CLOSED_PIPE: i32 = 141;

/// From here on the program ends without a word when whoever reads its output stops reading, as `head` does.
pub fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if said.starts_with("failed printing to stdout") {
            std::process::exit(CLOSED_PIPE);
        }
        usual(panic);
    }));
}
