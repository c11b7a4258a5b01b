/** What types are asked for in a bulk read of the recordings. */
export const recordedAsks: { readonly [type: string]: object } = {
  "halo:User": { fields: ["azureoid", "emailaddress", "email2", "other2", "roles"] },
  "halo:Role": { detailed: ["Service Desk"] },
  "halo:Site": { detailed: ["Northwind/Main"] },
  "halo:Client": { detailed: ["Northwind"] },
  "halo:Licence": { client: 12, linked: ["CHART"] },
  "halo:Asset": { types: ["Laptop"] },
  "halo:Ticket": { type: "Access request", done: "Closed", parked: "Parked" },
};
