"""The line, one stage a file: admit, analyse, render, (a person rules), release; and enrol and erase beside it."""
