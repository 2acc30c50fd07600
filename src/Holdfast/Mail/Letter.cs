namespace Holdfast.Mail;

/// <summary>A finished letter: what the transport hands over and the mailbox shows.</summary>
/// <param name="To">One plain address (see <see cref="Configuration.MailAddressShape"/>).</param>
/// <param name="Subject">One line, any language, without control characters.</param>
/// <param name="Html">A whole HTML document.</param>
/// <param name="Text">Plain text with lines of at most 78 characters, links aside.</param>
public sealed record Letter(string To, string Subject, string Html, string Text);

/// <summary>Hands letters to the world. The implementations: SMTP, and the development mailbox.</summary>
public interface IMailTransport
{
    /// <summary>Returns when the other side has taken responsibility for the letter.</summary>
    /// <param name="messageId">The same at every retry of one letter, so that a server can drop a double.</param>
    Task<Delivery> Send(Letter letter, string messageId, CancellationToken stop);
}

/// <summary>What came of handing over a letter.</summary>
public abstract record Delivery
{
    private Delivery() { }

    public sealed record Accepted : Delivery;

    /// <summary>May work later: server down, slow, or a 4yz reply.</summary>
    /// <param name="Why">For the log: the reply code and our own words, never the letter's content.</param>
    public sealed record Later(string Why) : Delivery;

    /// <summary>Will not work: a 5yz reply to the recipient or the content.</summary>
    public sealed record Never(string Why) : Delivery;
}
