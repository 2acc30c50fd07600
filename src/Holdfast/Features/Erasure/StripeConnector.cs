using System.Globalization;
using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <summary>
/// Stripe: when an account closes its subscriptions stop renewing (<c>cancel_at_period_end</c>), when it is kept those that we stopped renew again, and to erase they are cancelled at once, and the customer deleted if so configured.
/// Which subscriptions we stopped is remembered before the first of them is touched: one that the person had stopped themselves is not woken by keeping the account.
/// </summary>
public sealed class StripeConnector(ConnectorSettings settings, StripeSettings stripe, ConnectorHttp http) : IErasureConnector
{
    public string Key => settings.Key;

    public string Name => settings.Name;

    public IReadOnlyList<string> Deletes => settings.Deletes;

    public IReadOnlyList<string> Keeps => settings.Keeps;

    public bool Holds => true;

    public async Task<ConnectorAnswer> Tell(ErasureOrder order, CancellationToken stop)
    {
        var api = new StripeApi(stripe, http, stop);
        try
        {
            return order.Phase switch
            {
                ErasurePhase.Hold => await Hold(api, order),
                ErasurePhase.Release => await Release(api, order),
                _ => await Erase(api, order),
            };
        }
        catch (StripeProblem problem)
        {
            return new ConnectorAnswer.Later(problem.Message, problem.After);
        }
    }

    private static async Task<ConnectorAnswer> Hold(StripeApi api, ErasureOrder order)
    {
        var there = await Subscriptions(api, order);
        // Once remembered the list stands: what is stopped already would not be found again by looking.
        if (order.Memo is null) await order.Remember(string.Join(' ', there.Where(IsToStop).Select(s => s.Id)));
        var ours = order.Memo is { } memo ? Ids(memo).Where(id => there.Any(s => s.Id == id)).ToList() : [.. there.Where(IsToStop).Select(s => s.Id)];
        foreach (var id in ours) await api.SetRenewal(id, stopped: true, $"{order.Key}_{id}");
        return Said(ours.Count, "subscription does not renew", "subscriptions do not renew");
    }

    private static bool IsToStop(StripeSubscription one) => one is { Stopped: false, NeverBegan: false };

    private static async Task<ConnectorAnswer> Release(StripeApi api, ErasureOrder order)
    {
        // One that was cancelled altogether meanwhile cannot be woken, and is none of ours any more.
        var there = await Subscriptions(api, order);
        var ours = Ids(order.Memo ?? "").Where(id => there.Any(s => s.Id == id)).ToList();
        foreach (var id in ours) await api.SetRenewal(id, stopped: false, $"{order.Key}_{id}");
        return Said(ours.Count, "subscription renews again", "subscriptions renew again");
    }

    private static async Task<List<StripeSubscription>> Subscriptions(StripeApi api, ErasureOrder order)
    {
        var found = new List<StripeSubscription>();
        foreach (var customer in await api.Customers(order.AccountId, order.Email)) found.AddRange(await api.Subscriptions(customer));
        return found;
    }

    private async Task<ConnectorAnswer> Erase(StripeApi api, ErasureOrder order)
    {
        var (cancelled, deleted) = (0, 0);
        foreach (var customer in await api.Customers(order.AccountId, order.Email))
        {
            foreach (var subscription in await api.Subscriptions(customer)) if (await api.Delete($"/v1/subscriptions/{subscription.Id}")) cancelled++;
            if (stripe.DeleteCustomer && await api.Delete($"/v1/customers/{customer}")) deleted++;
        }
        var words = Words(cancelled, "subscription cancelled", "subscriptions cancelled");
        return new ConnectorAnswer.Done(stripe.DeleteCustomer ? $"{words}, {Words(deleted, "customer deleted", "customers deleted")}" : words, []);
    }

    private static List<string> Ids(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static ConnectorAnswer.Done Said(int count, string one, string many) => new(Words(count, one, many), []);

    private static string Words(int count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
