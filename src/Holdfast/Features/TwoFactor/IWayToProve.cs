using Holdfast.Features.Accounts;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>A second factor that was accepted.</summary>
/// <param name="Method">A <see cref="Sessions.ProofMethod"/>.</param>
/// <param name="FactorId">Which one it was; empty for a recovery code.</param>
public sealed record AcceptedFactor(string Method, string FactorId);

/// <summary>
/// One way to prove the second factor. A new kind of factor is one more of these in the services, its <c>ProofMethod</c>, and a line in <see cref="TwoFactorTable.Of"/>.
/// </summary>
public interface IWayToProve
{
    /// <summary>Its permanent name: a <see cref="Sessions.ProofMethod"/>.</summary>
    string Method { get; }

    /// <summary>Under which kind of secret wrong answers are counted (<see cref="SignIn.Throttle"/>).</summary>
    string GuessedSecret { get; }

    /// <summary>Null when the answer has the form of one. Looks at no secret, so it costs no try.</summary>
    Refusal? Misshapen(SecondProof proof);

    /// <summary>Accepts a right answer and uses it up, so that it is accepted once however many ask at the same time.</summary>
    Task<Outcome<AcceptedFactor>> Accept(WriteTx tx, Account account, SecondProof proof, ProofContext context, DateTimeOffset now);
}
