namespace Holdfast.Mail;

/// <summary>How loud a button is. Danger is for "This wasn't me" alone.</summary>
public enum LetterTone { Accent, Danger }

/// <summary>
/// What a letter is made of, in the order of reading. The texts are plain: <see cref="LetterFrame"/> encodes them for HTML and wraps them for plain text, so they may hold
/// what people typed.
/// </summary>
public abstract record LetterPart
{
    private LetterPart() { }

    /// <summary>Some sentences.</summary>
    /// <param name="Lead">Put before the text in bold, such as "Was it you?".</param>
    public sealed record Paragraph(string Text, string? Lead = null) : LetterPart
    {
        /// <summary>A piece of the text to show in bold, such as a date.</summary>
        public string? Bold { get; init; }

        /// <summary>What the plain form says instead, where "press the button" has to be "open this address".</summary>
        public string? InPlainText { get; init; }
    }

    /// <summary>Sentences in the second voice, below the link.</summary>
    /// <param name="Line">A hairline above: what follows is for those whom the letter does not concern.</param>
    public sealed record Aside(string Text, string? Lead = null, bool Line = true) : LetterPart;

    /// <summary>Labels and values, aligned. A row without a value is left out.</summary>
    public sealed record Facts(IReadOnlyList<(string Label, string? Value)> Rows) : LetterPart;

    /// <summary>Short points.</summary>
    public sealed record Points(IReadOnlyList<string> Items) : LetterPart;

    /// <summary>The one link: a button, and the address below it for those who want to see it or cannot press.</summary>
    /// <param name="Url">An absolute http or https address in printable ASCII.</param>
    /// <param name="Lifetime">Ends the sentence "The link works once, …", such as "for 7 days" or "until that day". Null: a link that stays.</param>
    public sealed record Button(string Label, string Url, LetterTone Tone, string? Lifetime) : LetterPart
    {
        /// <summary>A piece of the lifetime to show in bold.</summary>
        public string? Bold { get; init; }
    }

    /// <summary>A code to type, large, in groups as given.</summary>
    public sealed record Code(string Value) : LetterPart;
}
