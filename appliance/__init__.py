"""The school photo appliance: a photo goes in; a picture that shows only consenting people comes out."""
